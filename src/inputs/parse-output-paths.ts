import { resolve } from 'node:path'
import type { InputName } from './definitions.ts'
import type { InputReader } from './input-reader.ts'
import type { Command, Settings } from './settings.ts'

const TARGET_PLACEHOLDER = '{target}'

/** A path, and the input that names it. */
type Named = readonly [name: InputName, path: string]

/** Reads where the run writes files: one for each target where there are several, none twice, and none over a file that it reads. */
export function parseOutputPaths(
  inputs: InputReader,
  command: Command,
  targets: number,
): Pick<Settings, 'lockOutput' | 'report' | 'undo'> {
  const lockOutput = inputs.optional('lock-output')
  const report = inputs.optional('report')
  if (command === 'rollback') return { lockOutput, report: undefined, undo: requireReport(inputs, report) }
  if (lockOutput !== undefined && targets > 1 && !lockOutput.includes(TARGET_PLACEHOLDER)) {
    inputs.problem(
      `\`lock-output\` is one path, "${lockOutput}", for ${targets} targets`,
      `Put ${TARGET_PLACEHOLDER} into it, which is replaced by the number of the target, from 1.`,
    )
  }
  const written: readonly Named[] = [
    ...pathsOf(lockOutput, targets).map((path) => ['lock-output', path] as const),
    ...(['report', 'plan-output', 'comment-output'] as const).flatMap((name) => {
      const path = inputs.optional(name)
      return path === undefined || isInRegistry(path) ? [] : [[name, path] as const]
    }),
  ]
  refuseOneFileTwice(inputs, written)
  for (const output of written) refuseOverwriting(inputs, output)
  return { lockOutput, report, undo: undefined }
}

/** Whether a place for a plan is a repository, and no path. */
function isInRegistry(place: string): boolean {
  return place.startsWith('oci:')
}

function requireReport(inputs: InputReader, report: string | undefined): string {
  if (report === undefined) {
    const hint = 'Set `report` to the report that the promotion wrote.'
    inputs.problem('The command rollback needs a report, and `report` is not given', hint)
  }
  return report ?? ''
}

/** With a saved plan the number of targets is not known yet. */
function pathsOf(lockOutput: string | undefined, targets: number): readonly string[] {
  if (lockOutput === undefined) return []
  const numbers = Array.from({ length: Math.max(targets, 1) }, (_, index) => String(index + 1))
  return [...new Set(numbers.map((number) => lockOutput.replaceAll(TARGET_PLACEHOLDER, number)))]
}

function refuseOneFileTwice(inputs: InputReader, written: readonly Named[]): void {
  for (const [index, [name, path]] of written.entries()) {
    const other = written.slice(0, index).find(([, earlier]) => resolve(earlier) === resolve(path))
    if (other === undefined) continue
    const message = `\`${other[0]}\` and \`${name}\` are the same file, "${path}"`
    inputs.problem(message, 'Give each a path of its own.')
  }
}

/** What patterns find is not known yet: whoever reads the files looks at that. */
function refuseOverwriting(inputs: InputReader, [name, path]: Named): void {
  for (const input of ['lock', 'plan', 'reports'] as const) {
    const read = inputs.lines(input).find((written) => resolve(written) === resolve(path))
    if (read === undefined) continue
    inputs.problem(
      `\`${name}\` is "${path}", which \`${input}\` names: the run would overwrite what it reads`,
      `Give \`${name}\` a path of its own.`,
    )
  }
}
