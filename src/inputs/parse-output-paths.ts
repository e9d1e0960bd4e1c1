import { resolve } from 'node:path'
import { pathsForTargets, requirePathForEach } from '../files/numbered-paths.ts'
import { isArtifactPlace } from '../oci/plan-place.ts'
import type { InputName } from './definitions.ts'
import type { InputReader } from './input-reader.ts'
import type { Command, Settings } from './settings.ts'

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
  if (lockOutput !== undefined) {
    inputs.attempt(() => requirePathForEach('lock-output', lockOutput, targets))
  }
  const written: readonly Named[] = [
    ...pathsOf(lockOutput, targets).map((path) => ['lock-output', path] as const),
    ...(['report', 'plan-output', 'comment-output'] as const).flatMap((name) => {
      const path = inputs.optional(name)
      return path === undefined || isArtifactPlace(path) ? [] : [[name, path] as const]
    }),
  ]
  refuseOneFileTwice(inputs, written)
  for (const output of written) refuseOverwriting(inputs, output)
  return { lockOutput, report, undo: undefined }
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
  return [...new Set(pathsForTargets(lockOutput, Math.max(targets, 1)))]
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
