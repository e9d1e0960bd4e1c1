import { PromotionError } from '../errors.ts'
import type { Settings } from '../inputs/settings.ts'
import { isImgpkgTag } from '../oci/imgpkg-tag.ts'
import { originalName } from '../oci/layout-name.ts'
import type { Plan } from '../plan/plan.ts'
import { writeWhole } from '../report/write-whole.ts'
import { imageKey } from '../sources/image-key.ts'
import type { LoadedList } from '../sources/load-images.ts'
import type { ImagePlace, ListedReference } from '../sources/source.ts'
import type { Run } from './run.ts'

/** Where the locks go, a path for each target; `{target}` is the target's number, from 1. Empty when none is wanted. */
export function lockPaths({ lockOutput, to }: Settings): readonly string[] {
  return lockOutput === undefined
    ? []
    : to.map((_, index) => lockOutput.replaceAll('{target}', String(index + 1)))
}

/** Writes the list as it is at each target, in the format in which it was given. */
export async function writeLocks({ settings, record }: Run, plan: Plan, list: LoadedList): Promise<void> {
  for (const [index, path] of lockPaths(settings).entries()) {
    const placeOf = placesAt(plan, list, index)
    await writeWhole(path, list.document.rewrite(placeOf))
    record.locks.push(path)
  }
}

/** Where the entries of the list are at one target. */
function placesAt(plan: Plan, { pinned }: LoadedList, index: number) {
  const planned = new Map(plan.images.map((one) => [imageKey(one.image), one.targets]))
  return (listed: ListedReference): ImagePlace => {
    const image = pinned.get(listed)
    const target = image && planned.get(imageKey(image))?.[index]
    if (image === undefined || target === undefined) {
      throw new PromotionError('internal', `"${listed.written}" is listed and not in the plan`)
    }
    const { digest } = image.reference
    return {
      reference: { repository: originalName(target.repository), digest },
      tag: target.tags.find(({ tag }) => !isImgpkgTag(tag))?.tag,
    }
  }
}
