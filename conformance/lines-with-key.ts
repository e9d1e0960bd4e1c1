import { readFile } from 'node:fs/promises'
import { type CosignKeys, PASSWORD } from './cosign.ts'
import type { WorkflowRun } from './run-act.ts'

/** The lines of a workflow's log that show a private key or its password. */
export async function linesWithKey({ shown }: WorkflowRun, { key }: CosignKeys): Promise<readonly string[]> {
  const [, body = ''] = (await readFile(key, 'utf8')).split('\n')
  return shown.filter((line) => line.includes(PASSWORD) || line.includes(body))
}
