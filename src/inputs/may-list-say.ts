import type { InputReader } from './input-reader.ts'
import { appliesPlan } from './parse-plan.ts'
import type { Command } from './settings.ts'

/** Whether the list can say of single images who signs them and who must have signed them: compose files do, and plans made from them. */
export function mayListSay(inputs: InputReader, command: Command): boolean {
  return inputs.lines('compose').length > 0 || appliesPlan(inputs, command)
}
