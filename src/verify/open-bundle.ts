import { MEDIA_TYPES } from '../oci/media-types.ts'
import { readJson } from '../oci/read-json.ts'
import { quote } from './judgement.ts'
import type { OpenSignature } from './open-signature.ts'
import { readSigstoreBundle } from './read-sigstore-bundle.ts'

/** The media type of that version, and how it was written at first. */
const VERSION_0_3: readonly string[] = [
  MEDIA_TYPES.sigstoreBundle,
  'application/vnd.dev.sigstore.bundle+json;version=0.3',
]

/** Takes the bytes of a Sigstore bundle apart; a sentence instead where there is nothing to judge. */
export function openBundle(bytes: Uint8Array): OpenSignature | string {
  const json = readJson(bytes)
  if (json === undefined) return 'the Sigstore bundle is not a JSON object'
  const { mediaType, messageSignature } = json
  if (typeof mediaType !== 'string' || !VERSION_0_3.includes(mediaType)) {
    return `the blob says that it is ${quote(mediaType)}, not a Sigstore bundle of version 0.3`
  }
  if (messageSignature != null) return 'the Sigstore bundle signs bytes, not a statement'
  return readSigstoreBundle(json)
}
