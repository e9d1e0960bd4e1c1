import type { ListedImage } from '../sources/source.ts'
import { nameForTarget } from './name-for-target.ts'
import type { Run } from './run.ts'

/** The images with the names under which they are signed; what the list says about them is heeded from here on. */
export async function heedImages(
  { settings, services }: Run,
  images: readonly ListedImage[],
): Promise<readonly ListedImage[]> {
  const named = nameForTarget(images, settings)
  await services.heed(named)
  return named
}
