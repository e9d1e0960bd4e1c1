import { dirname, resolve } from 'node:path'
import { PromotionError } from '../errors.ts'
import { pathsForTargets, requirePathForEach } from '../files/numbered-paths.ts'
import { writeWhole } from '../files/write-whole.ts'
import type { Settings } from '../inputs/settings.ts'
import type { LockTexts } from './prepared.ts'
import type { Run } from './run.ts'

/** Where the locks go, a path for each target; empty when none is wanted. */
export function lockPaths({ lockOutput, to }: Settings): readonly string[] {
  return lockOutput === undefined ? [] : pathsForTargets(lockOutput, to.length)
}

/** Throws a PromotionError of kind `input` where a saved plan has no list for these paths, or not one for each. */
export function requireLockPaths(settings: Settings, saved: number): void {
  const { lockOutput, to } = settings
  if (lockOutput === undefined) return
  if (saved !== to.length) {
    throw new PromotionError('input', '`lock-output` is given, and the plan was made without it', {
      hint: 'Make the plan with `lock-output`, which it then keeps the rewritten list for, or leave it out.',
    })
  }
  requirePathForEach('lock-output', lockOutput, to.length)
}

/** Writes the list as it is at each target, in the format in which it was given; warns where its relative paths do not hold any more. */
export async function writeLocks(
  { settings, services, record }: Run,
  { keysFrom, textAt }: LockTexts,
): Promise<void> {
  for (const [index, path] of lockPaths(settings).entries()) {
    await writeWhole(path, textAt(index))
    record.locks.push(path)
    if (keysFrom === undefined || dirname(resolve(services.workingDirectory, path)) === keysFrom) continue
    services.reporter.warn(
      `${path} has relative paths of keys, which start at ${keysFrom}: write it into that folder, or make them absolute`,
    )
  }
}
