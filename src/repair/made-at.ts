import { blobsOf, MANIFEST_LIMIT, type Manifest } from '../oci/manifest.ts'
import { isImageConfig } from '../oci/media-types.ts'
import { readJson } from '../oci/read-json.ts'
import type { SourceRepository } from '../registry/repository.ts'

/** OCI image specification, annotations.md. */
const CREATED = 'org.opencontainers.image.created'

/**
 * When something was made, as its annotations or, of an image, its config say; undefined where they say nothing, or the beginning of time, as
 * reproducible builds do.
 */
export async function madeAt(manifest: Manifest, repository: SourceRepository): Promise<Date | undefined> {
  const annotated = readTime(manifest.annotations[CREATED])
  if (annotated !== undefined) return annotated
  const [config] = blobsOf(manifest)
  if (config === undefined || !isImageConfig(config.mediaType) || config.size > MANIFEST_LIMIT)
    return undefined
  if (!(await repository.hasBlob(config))) return undefined
  return readTime(readJson(await repository.readBlob(config, MANIFEST_LIMIT))?.created)
}

function readTime(value: unknown): Date | undefined {
  const time = typeof value === 'string' ? Date.parse(value) : Number.NaN
  return time > 0 ? new Date(time) : undefined
}
