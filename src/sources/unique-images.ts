import { imageKey } from './image-key.ts'
import type { BundlePart, ListedImage } from './source.ts'

/**
 * Each image once, in the order of the entries: kbld lists one for every name by which it was asked for. The first stands, with the tags of
 * all of them and with what any of them says about it.
 */
export function uniqueImages(entries: readonly ListedImage[]): readonly ListedImage[] {
  const unique = new Map<string, ListedImage>()
  for (const entry of entries) {
    const key = imageKey(entry)
    const first = unique.get(key)
    unique.set(key, first === undefined ? entry : together(first, entry))
  }
  return [...unique.values()]
}

function together(first: ListedImage, other: ListedImage): ListedImage {
  const terms = first.terms ?? other.terms
  const { bundle: _, ...rest } = first
  const bundle = bundleOf(first, other)
  return {
    ...rest,
    ...(bundle && { bundle }),
    ...(other.isBundle && { isBundle: true }),
    originTags: [...new Set([...first.originTags, ...other.originTags])],
    ...(terms && { terms }),
  }
}

/** What is listed by itself, or as a bundle, is no mere part of a bundle, whatever else brings it in. */
function bundleOf(...images: readonly ListedImage[]): BundlePart | undefined {
  const parts = images.map(({ bundle }) => bundle)
  return parts.find((bundle) => bundle?.isRoot) ?? (parts.includes(undefined) ? undefined : parts[0])
}
