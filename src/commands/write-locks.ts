import { dirname, resolve } from 'node:path'
import type { Settings } from '../inputs/settings.ts'
import type { Plan } from '../plan/plan.ts'
import { writeWhole } from '../report/write-whole.ts'
import type { LoadedList } from '../sources/load-images.ts'
import { placesAt } from './places-at.ts'
import type { Run } from './run.ts'

/** Where the locks go, a path for each target; `{target}` is the target's number, from 1. Empty when none is wanted. */
export function lockPaths({ lockOutput, to }: Settings): readonly string[] {
  return lockOutput === undefined
    ? []
    : to.map((_, index) => lockOutput.replaceAll('{target}', String(index + 1)))
}

/** Writes the list as it is at each target, in the format in which it was given; warns where its relative paths do not hold any more. */
export async function writeLocks(
  { settings, services, record }: Run,
  plan: Plan,
  list: LoadedList,
): Promise<void> {
  const { document } = list
  const { keysFrom } = document
  for (const [index, path] of lockPaths(settings).entries()) {
    await writeWhole(path, document.rewrite(placesAt(plan, list, index)))
    record.locks.push(path)
    if (keysFrom === undefined || dirname(resolve(services.workingDirectory, path)) === keysFrom) continue
    services.reporter.warn(
      `${path} has relative paths of keys, which start at ${keysFrom}: write it into that folder, or make them absolute`,
    )
  }
}
