import { PromotionError } from '../errors.ts'
import type { Settings } from '../inputs/settings.ts'
import { formatReference, type PinnedReference } from '../oci/reference.ts'
import type { Plan } from '../plan/plan.ts'
import { writeWhole } from '../report/write-whole.ts'
import { entryKey } from '../sources/entry-key.ts'
import { formatImagesLock, type LockEntry } from '../sources/format-images-lock.ts'
import type { ListedImage } from '../sources/source.ts'
import type { Run } from './run.ts'

/** Where the locks go, a path for each target; `{target}` is the target's number, from 1. Empty when none is wanted. */
export function lockPaths({ lockOutput, to }: Settings): readonly string[] {
  return lockOutput === undefined
    ? []
    : to.map((_, index) => lockOutput.replaceAll('{target}', String(index + 1)))
}

/** Writes the list as it is at each target, as an ImagesLock: every entry in its order, with its own annotations. */
export async function writeLocks(
  { settings, record }: Run,
  plan: Plan,
  entries: readonly ListedImage[],
): Promise<void> {
  const targets = new Map(plan.images.map((one) => [formatReference(one.image.reference), one.targets]))
  for (const [index, path] of lockPaths(settings).entries()) {
    const lock = new Map<string, LockEntry>()
    for (const { reference, annotations } of entries) {
      const repository = targets.get(formatReference(reference))?.[index]?.repository
      if (repository === undefined) throw unplanned(reference)
      const entry = { image: formatReference({ repository, digest: reference.digest }), annotations }
      // Two sources can become one at the target, and a lock that repeats an entry is refused by whoever reads it next.
      lock.set(entryKey(entry), entry)
    }
    await writeWhole(path, formatImagesLock([...lock.values()]))
    record.locks.push(path)
  }
}

function unplanned(reference: PinnedReference): PromotionError {
  return new PromotionError('internal', `${formatReference(reference)} is listed and not in the plan`)
}
