import { PromotionError } from '../errors.ts'
import type { Manifest } from '../oci/manifest.ts'
import { placeOf } from '../oci/plan-place.ts'
import { quoteValue } from '../oci/quote-value.ts'
import type { SourceRepository } from '../registry/repository.ts'

/** The text of at most `limit` bytes that an artifact of this type holds; throws a PromotionError of kind `input` where it is another one, or no text. */
export async function readArtifactText(
  manifest: Manifest,
  { type, limit }: { readonly type: string; readonly limit: number },
  repository: SourceRepository,
): Promise<string> {
  const refuse = (why: string, cause?: unknown) =>
    new PromotionError(
      'input',
      `${placeOf({ repository: repository.name, digest: manifest.descriptor.digest })} ${why}`,
      { cause, hint: 'Give the place as the run that saved the plan has printed it, or save another plan.' },
    )
  if (manifest.artifactType !== type) {
    const found = quoteValue(manifest.artifactType ?? manifest.descriptor.mediaType)
    throw refuse(`has the artifactType ${found} instead of "${type}"`)
  }
  const [layer, second] = manifest.kind === 'image' ? manifest.layers : []
  if (layer === undefined || second !== undefined) throw refuse('does not have exactly one layer')
  if (layer.size > limit) {
    throw refuse(`has a layer of ${layer.size} bytes, more than the ${limit} that are read`)
  }
  const bytes = await repository.readBlob(layer, limit)
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (cause) {
    throw refuse('is not UTF-8 text', cause)
  }
}
