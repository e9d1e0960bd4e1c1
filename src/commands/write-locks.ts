import type { Settings } from '../inputs/settings.ts'
import { formatReference } from '../oci/reference.ts'
import type { Plan } from '../plan/plan.ts'
import type { RunRecord } from '../report/run-record.ts'
import { writeWhole } from '../report/write-whole.ts'
import { formatImagesLock } from '../sources/format-images-lock.ts'

/** Writes the list as it is at each target, as an ImagesLock; `{target}` in the path is the target's number, from 1. */
export async function writeLocks(plan: Plan, settings: Settings, record: RunRecord): Promise<void> {
  const { lockOutput } = settings
  if (lockOutput === undefined) return
  for (const [index] of settings.to.entries()) {
    const path = lockOutput.replaceAll('{target}', String(index + 1))
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
