import type { Digest } from './digest.ts'

/** The tag by which imgpkg keeps an image of a bundle, such as `sha256-….imgpkg`. */
export function imgpkgTag(digest: Digest): string {
  return `${digest.replace(':', '-')}.imgpkg`
}

/** The tag under which imgpkg looks for the image locations of a bundle. */
export function locationsTag(bundle: Digest): string {
  return `${bundle.replace(':', '-')}.image-locations.imgpkg`
}

/** Whether imgpkg alone gives such tags; registries take them for those of any image. */
export function isImgpkgTag(tag: string): boolean {
  return tag.endsWith('.imgpkg')
}
