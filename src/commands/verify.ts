import { findImages } from './find-images.ts'
import { readImages } from './read-images.ts'
import type { Run } from './run.ts'
import { verifySources } from './verify-sources.ts'

/** Judges images where they are; fails when one does not satisfy the policy. */
export async function verify(run: Run): Promise<void> {
  const { reporter } = run.services
  const list = await reporter.step('Read the image list', () => readImages(run))
  const found = await reporter.step('Find the images', () => findImages(run, list))
  await reporter.step('Verify', () => verifySources(run, found))
}
