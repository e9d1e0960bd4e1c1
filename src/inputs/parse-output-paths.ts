import { resolve } from 'node:path'
import type { InputReader } from './input-reader.ts'
import type { Settings } from './settings.ts'

const TARGET_PLACEHOLDER = '{target}'

/** Reads where the run writes files: one for each target where there are several, none twice, and none over a lock that it reads. */
export function parseOutputPaths(
  inputs: InputReader,
  targets: number,
): Pick<Settings, 'lockOutput' | 'report'> {
  const lockOutput = inputs.optional('lock-output')
  const report = inputs.optional('report')
  if (lockOutput !== undefined && targets > 1 && !lockOutput.includes(TARGET_PLACEHOLDER)) {
    inputs.problem(
      `\`lock-output\` is one path, "${lockOutput}", for ${targets} targets`,
      `Put ${TARGET_PLACEHOLDER} into it, which is replaced by the number of the target, from 1.`,
    )
  }
  for (const path of pathsOf(lockOutput, targets)) {
    refuseOverwriting(inputs, 'lock-output', path)
    if (report !== undefined && resolve(path) === resolve(report)) {
      const message = `\`lock-output\` and \`report\` are the same file, "${path}"`
      inputs.problem(message, 'Give each a path of its own.')
    }
  }
  if (report !== undefined) refuseOverwriting(inputs, 'report', report)
  return { lockOutput, report }
}

function pathsOf(lockOutput: string | undefined, targets: number): ReadonlySet<string> {
  if (lockOutput === undefined) return new Set()
  const numbers = Array.from({ length: targets }, (_, index) => String(index + 1))
  return new Set(numbers.map((number) => lockOutput.replaceAll(TARGET_PLACEHOLDER, number)))
}

/** What patterns find is not known yet: `loadImages` looks at that. */
function refuseOverwriting(inputs: InputReader, name: 'lock-output' | 'report', path: string): void {
  const lock = inputs.lines('lock').find((written) => resolve(written) === resolve(path))
  if (lock === undefined) return
  inputs.problem(
    `\`${name}\` is "${path}", which \`lock\` names: the run would overwrite what it reads`,
    `Give \`${name}\` a path of its own.`,
  )
}
