import { PromotionError } from '../errors.ts'

const TARGET_PLACEHOLDER = '{target}'

/** The path of a file for each target; `{target}` is the target's number, from 1. */
export function pathsForTargets(path: string, targets: number): readonly string[] {
  return Array.from({ length: targets }, (_, index) => path.replaceAll(TARGET_PLACEHOLDER, String(index + 1)))
}

/** Throws a PromotionError of kind `input` where the path that an input gives is one and the same for several targets. */
export function requirePathForEach(input: string, path: string, targets: number): void {
  if (targets <= 1 || path.includes(TARGET_PLACEHOLDER)) return
  throw new PromotionError('input', `\`${input}\` is one path, "${path}", for ${targets} targets`, {
    hint: `Put ${TARGET_PLACEHOLDER} into it, which is replaced by the number of the target, from 1.`,
  })
}
