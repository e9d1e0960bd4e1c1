import { dirname, resolve } from 'node:path'
import { PromotionError } from '../errors.ts'
import { writeWhole } from '../files/write-whole.ts'
import type { Settings } from '../inputs/settings.ts'
import type { LockTexts } from './prepared.ts'
import type { Run } from './run.ts'

const TARGET_PLACEHOLDER = '{target}'

/** Where the locks go, a path for each target; `{target}` is the target's number, from 1. Empty when none is wanted. */
export function lockPaths({ lockOutput, to }: Settings): readonly string[] {
  return lockOutput === undefined
    ? []
    : to.map((_, index) => lockOutput.replaceAll(TARGET_PLACEHOLDER, String(index + 1)))
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
  if (to.length > 1 && !lockOutput.includes(TARGET_PLACEHOLDER)) {
    throw new PromotionError(
      'input',
      `\`lock-output\` is one path, "${lockOutput}", for ${to.length} targets`,
      {
        hint: `Put ${TARGET_PLACEHOLDER} into it, which is replaced by the number of the target, from 1.`,
      },
    )
  }
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
