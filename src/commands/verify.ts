import { findImages } from './find-images.ts'
import { readImages } from './read-images.ts'
import type { Run } from './run.ts'
import { verifySources } from './verify-sources.ts'

/** Judges images where they are; fails when one does not satisfy the policy. */
export async function verify(run: Run): Promise<void> {
  const { images } = await readImages(run)
  const found = await findImages(run, images)
  await run.services.reporter.step('Verify', () => verifySources(run, found))
}
