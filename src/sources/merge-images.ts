import type { BundlePart, ListedImage } from './source.ts'

/** Entries with the same key as one, in their order: the first stands, with the tags of all of them and with what any of them says about it. */
export function mergeImages(
  entries: readonly ListedImage[],
  keyOf: (entry: ListedImage) => string,
): readonly ListedImage[] {
  const merged = new Map<string, ListedImage>()
  for (const entry of entries) {
    const key = keyOf(entry)
    const first = merged.get(key)
    merged.set(key, first === undefined ? entry : together(first, entry))
  }
  return [...merged.values()]
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
