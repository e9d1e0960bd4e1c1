import { imageKey } from './image-key.ts'
import { mergeImages } from './merge-images.ts'
import type { ListedImage } from './source.ts'

/** Each image once, in the order of the entries: kbld lists one for every name by which it was asked for. */
export function uniqueImages(entries: readonly ListedImage[]): readonly ListedImage[] {
  return mergeImages(entries, imageKey)
}
