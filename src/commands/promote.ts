import { bringImages } from './bring-images.ts'
import { prepareList } from './prepare-list.ts'
import { prepareSaved } from './prepare-saved.ts'
import { releaseImages } from './release-images.ts'
import type { Run } from './run.ts'

/**
 * Signs if asked, verifies, copies by digest, verifies at the targets, attests to that if asked, and only then moves the tags. One part of a saved
 * plan ends before that: its tags are moved when all parts have arrived.
 */
export async function promote(run: Run): Promise<void> {
  const { applying } = run.settings
  const prepared = applying === undefined ? await prepareList(run) : await prepareSaved(run, applying)
  const plan = await bringImages(prepared)
  if (applying?.shard === undefined) await releaseImages(prepared, plan)
}
