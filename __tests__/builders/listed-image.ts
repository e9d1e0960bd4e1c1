import type { Digest } from '../../src/oci/digest.ts'
import { parseRepositoryName } from '../../src/oci/reference.ts'
import type { ListedImage } from '../../src/sources/source.ts'

/** An entry of a list for `host/path`, from this line of `images.yml`. */
export function listedImage(place: string, digest: Digest, line = 1): ListedImage {
  return {
    reference: { repository: parseRepositoryName(place), digest },
    written: `${place}@${digest}`,
    annotations: {},
    originTags: [],
    location: { file: 'images.yml', line },
  }
}
