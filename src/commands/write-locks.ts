import type { Settings } from '../inputs/settings.ts'
import { formatReference } from '../oci/reference.ts'
import type { Plan } from '../plan/plan.ts'
import { writeWhole } from '../report/write-whole.ts'
import { formatImagesLock } from '../sources/format-images-lock.ts'
import type { Run } from './run.ts'

/** Where the locks go, a path for each target; `{target}` is the target's number, from 1. Empty when none is wanted. */
export function lockPaths({ lockOutput, to }: Settings): readonly string[] {
  return lockOutput === undefined
    ? []
    : to.map((_, index) => lockOutput.replaceAll('{target}', String(index + 1)))
}

/** Writes the list as it is at each target, as an ImagesLock. */
export async function writeLocks({ settings, record }: Run, plan: Plan): Promise<void> {
  for (const [index, path] of lockPaths(settings).entries()) {
    const images = plan.images.flatMap(({ image, targets }) => {
      const repository = targets[index]?.repository
      if (repository === undefined) return []
      return [
        {
          image: formatReference({ repository, digest: image.reference.digest }),
          annotations: image.annotations,
        },
      ]
    })
    await writeWhole(path, formatImagesLock(images))
    record.locks.push(path)
  }
}
