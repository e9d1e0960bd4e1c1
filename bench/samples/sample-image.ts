import type { BuiltArtifact } from '../../__tests__/builders/built-artifact.ts'

/** One image of a workload with what hangs on it. */
export interface SampleImage {
  readonly tag: string
  readonly image: BuiltArtifact
  /** What has a tag (`.sig`, `.att`) knows it; the others are referrers. */
  readonly attached: readonly BuiltArtifact[]
}

/** The bytes of everything in these images, each manifest and blob counted once. */
export function contentBytes(images: readonly SampleImage[]): number {
  const sizes = new Map<string, number>()
  for (const artifact of images.flatMap(({ image, attached }) => [image, ...attached])) {
    for (const { descriptor } of [...artifact.manifests, ...artifact.blobs]) {
      sizes.set(descriptor.digest, descriptor.size)
    }
  }
  return [...sizes.values()].reduce((sum, size) => sum + size, 0)
}
