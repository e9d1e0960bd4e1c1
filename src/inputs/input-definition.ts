import type { Command } from './settings.ts'

/**
 * How a value is written: `text` on one line, `lines` one entry a line, `choice` one of `allowed`, `secret` text that must not reach
 * argv, `secret-lines` one such entry a line.
 */
export type InputKind = 'text' | 'lines' | 'choice' | 'secret' | 'secret-lines'

/** One input: of the action by this name, in the terminal as `--name`. */
export interface InputDefinition {
  readonly name: string
  readonly meaning: string
  /** What stands when nothing is given; empty for "nothing". */
  readonly default: string
  readonly kind: InputKind
  readonly allowed?: readonly string[]
  readonly commands: readonly Command[]
}
