import { isJsonObject, type JsonObject } from '../oci/descriptor.ts'
import { algorithmOf, type Digest, hexOf } from '../oci/digest.ts'
import { MEDIA_TYPES } from '../oci/media-types.ts'
import { SIGNATURE_PREDICATE, STATEMENT_MEDIA_TYPE, STATEMENT_TYPE } from '../oci/signature-format.ts'
import { checkSignature, readBundle } from './check-signature.ts'
import { type Judgement, judgeAnnotations, quote, readJson, refused } from './judgement.ts'
import type { KeyDemand } from './key-demand.ts'

/** The media type of that version, and how it was written at first. */
const VERSION_0_3: readonly string[] = [
  MEDIA_TYPES.sigstoreBundle,
  'application/vnd.dev.sigstore.bundle+json;version=0.3',
]

/** Judges a Sigstore bundle by its bytes. */
export function judgeBundle(bytes: Uint8Array, image: Digest, policy: KeyDemand): Judgement {
  const json = readJson(bytes)
  if (json === undefined) return refused('the Sigstore bundle is not a JSON object')
  const problem = problemOfKind(json)
  if (problem !== undefined) return refused(problem)
  const bundle = readBundle(withoutWitnesses(json))
  if (typeof bundle === 'string') return refused(`the Sigstore bundle is ${bundle}`)
  if (bundle.content.$case !== 'dsseEnvelope')
    return refused('the Sigstore bundle signs bytes, not a statement')
  const { dsseEnvelope } = bundle.content
  return (
    refusalOfPayloadType(dsseEnvelope.payloadType) ??
    refusalOfSignature(checkSignature(bundle, policy.publicKey)) ??
    judgeStatement(readJson(dsseEnvelope.payload), image, policy)
  )
}

/** What kind of bundle it is comes first: with a certificate in it, it would be judged by that and not by the policy's key. */
function problemOfKind({ mediaType, verificationMaterial: material }: JsonObject): string | undefined {
  if (typeof mediaType !== 'string' || !VERSION_0_3.includes(mediaType)) {
    return `the blob says that it is ${quote(mediaType)}, not a Sigstore bundle of version 0.3`
  }
  if (!isJsonObject(material)) return 'the Sigstore bundle has no verification material'
  if (material.certificate != null || material.x509CertificateChain != null) {
    return 'it was made with a certificate, and the policy asks for a key'
  }
  return isJsonObject(material.publicKey) ? undefined : 'the Sigstore bundle does not say that a key made it'
}

/** Without log entries and timestamps: the policy does not ask for them, and what is not asked for must not fail. */
function withoutWitnesses({ verificationMaterial, ...rest }: JsonObject): JsonObject {
  const publicKey = isJsonObject(verificationMaterial) ? verificationMaterial.publicKey : undefined
  return { ...rest, verificationMaterial: { publicKey } }
}

function refusalOfPayloadType(payloadType: string): Judgement | undefined {
  if (payloadType === STATEMENT_MEDIA_TYPE) return undefined
  return refused(`the envelope holds ${quote(payloadType)}, not an in-toto statement`)
}

function refusalOfSignature(problem: string | undefined): Judgement | undefined {
  return problem === undefined ? undefined : refused(problem)
}

function judgeStatement(statement: JsonObject | undefined, image: Digest, policy: KeyDemand): Judgement {
  if (statement === undefined) return refused('the key signed a statement that is not a JSON object')
  const { _type: type, predicateType, subject } = statement
  if (type !== STATEMENT_TYPE)
    return refused(`the statement is of the type ${quote(type)}, not "${STATEMENT_TYPE}"`)
  if (predicateType !== SIGNATURE_PREDICATE) {
    return refused(`it is an attestation (${quote(predicateType)}), not a signature`)
  }
  const subjects: readonly unknown[] = Array.isArray(subject) ? subject : []
  const own = subjects.filter(isJsonObject).find(({ digest }) => names(digest, image))
  if (own === undefined) return refused(`the key signed the image ${quote(subjects[0])}, not this one`)
  return judgeAnnotations(own.annotations, policy)
}

function names(digests: unknown, image: Digest): boolean {
  const algorithm = algorithmOf(image)
  return isJsonObject(digests) && Object.hasOwn(digests, algorithm) && digests[algorithm] === hexOf(image)
}
