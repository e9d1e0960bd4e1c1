import { CARVEL_API } from '../imgpkg/carvel-api.ts'
import type { Annotations } from '../oci/descriptor.ts'
import { formatYaml } from '../yaml/yaml.ts'

/** One entry of a lock to be written: a pinned reference, and the annotations as they were read. */
export interface LockEntry {
  readonly image: string
  readonly annotations: Annotations
}

/** An ImagesLock as imgpkg writes it: a document start, keys in alphabetical order, the images in their order. */
export function formatImagesLock(images: readonly LockEntry[]): string {
  return formatYaml({
    apiVersion: CARVEL_API,
    images: images.map(({ image, annotations }) =>
      Object.keys(annotations).length === 0 ? { image } : { annotations, image },
    ),
    kind: 'ImagesLock',
  })
}
