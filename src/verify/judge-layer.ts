import { createHash } from 'node:crypto'
import { type Annotations, isJsonObject, type JsonObject } from '../oci/descriptor.ts'
import type { Digest } from '../oci/digest.ts'
import { MEDIA_TYPES } from '../oci/media-types.ts'
import { LAYER_ANNOTATIONS, PAYLOAD_TYPE } from '../oci/signature-format.ts'
import { checkSignature, readBundle } from './check-signature.ts'
import { type Judgement, judgeAnnotations, quote, readJson, refused } from './judgement.ts'
import type { KeyDemand } from './key-demand.ts'

/** Judges one layer under a `.sig` tag: its payload's bytes, and the annotations of its descriptor. */
export function judgeLayer(
  payload: Uint8Array,
  annotations: Annotations,
  image: Digest,
  policy: KeyDemand,
): Judgement {
  const bundle = readBundle(asBundle(payload, annotations[LAYER_ANNOTATIONS.signature] ?? ''))
  if (typeof bundle === 'string') return refused(`the signature is ${bundle}`)
  const problem = checkSignature(bundle, policy.publicKey, payload)
  if (problem !== undefined) return refused(problem)
  const json = readJson(payload)
  if (json === undefined) return refused('the key signed a payload that is not a JSON object')
  return judgePayload(json, image, policy)
}

/** cosign's two annotations as the Sigstore bundle that they would be. */
function asBundle(payload: Uint8Array, signature: string): JsonObject {
  const digest = createHash('sha256').update(payload).digest('base64')
  return {
    mediaType: MEDIA_TYPES.sigstoreBundle,
    verificationMaterial: { publicKey: { hint: '' } },
    messageSignature: { messageDigest: { algorithm: 'SHA2_256', digest }, signature },
  }
}

function judgePayload({ critical, optional }: JsonObject, image: Digest, policy: KeyDemand): Judgement {
  if (!isJsonObject(critical)) return refused('the signed payload has no critical part')
  if (critical.type !== PAYLOAD_TYPE) {
    return refused(`the signed payload is of the type ${quote(critical.type)}, not "${PAYLOAD_TYPE}"`)
  }
  const signed = isJsonObject(critical.image) ? critical.image['docker-manifest-digest'] : undefined
  if (signed !== image) return refused(`the key signed the image ${quote(signed)}, not this one`)
  return judgeAnnotations(optional, policy)
}
