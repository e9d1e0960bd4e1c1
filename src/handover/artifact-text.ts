import { PromotionError } from '../errors.ts'
import type { Manifest } from '../oci/manifest.ts'
import { quoteValue } from '../oci/quote-value.ts'
import type { SourceRepository } from '../registry/repository.ts'
import { LARGEST_TEXT } from './handover.ts'
import { placeOf } from './place.ts'

/** The text that an artifact of this type holds; throws a PromotionError of kind `input` where it is another one, or cannot be read. */
export async function readArtifactText(
  manifest: Manifest,
  type: string,
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
  if (layer.size > LARGEST_TEXT) {
    throw refuse(`has a layer of ${layer.size} bytes, more than the ${LARGEST_TEXT} that are read`)
  }
  const bytes = await repository.readBlob(layer, LARGEST_TEXT)
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (cause) {
    throw refuse('is not UTF-8 text', cause)
  }
}
