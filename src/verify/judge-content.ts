import { type Annotations, isJsonObject, type JsonObject } from '../oci/descriptor.ts'
import { algorithmOf, type Digest, hexOf } from '../oci/digest.ts'
import { readJson } from '../oci/read-json.ts'
import {
  PAYLOAD_TYPE,
  SIGNATURE_PREDICATE,
  STATEMENT_MEDIA_TYPE,
  STATEMENT_TYPE,
  STATEMENT_TYPE_0_1,
} from '../oci/signature-format.ts'
import { OCI_SCHEME, resourceUri, VERIFICATION_SUMMARY } from '../oci/verification-summary.ts'
import type { SignedDemand } from '../policy/policy.ts'
import { quote } from './judgement.ts'
import type { SignedContent } from './open-signature.ts'

/** Why what was signed does not count, and what it states all the same. */
export interface ContentJudgement {
  /** A sentence; undefined when it counts. */
  readonly problem: string | undefined
  /** What a signature states of the image. */
  readonly annotations: Annotations
  /** What a signature under a tag calls the image; nobody is refused for it. */
  readonly signedName?: string
}

/** What has to have been signed. */
export interface Wanted extends Pick<SignedDemand, 'requireAnnotations' | 'origin'> {
  readonly image: Digest
}

/** The predicate type of what says that it is an attestation; undefined for a signature, and for what is neither. */
export function predicateTypeOf(content: SignedContent): string | undefined {
  if (content.kind === 'payload') return undefined
  const { predicateType } = readJson(content.bytes) ?? {}
  return typeof predicateType === 'string' && predicateType !== SIGNATURE_PREDICATE
    ? predicateType
    : undefined
}

/** Judges what was signed: a signature of the image, or a statement about it. Who signed it is not looked at. */
export function judgeContent(content: SignedContent, wanted: Wanted): ContentJudgement {
  const json = readJson(content.bytes)
  if (content.kind === 'payload') {
    return json === undefined
      ? refuse('its signer signed a payload that is not a JSON object')
      : judgePayload(json, wanted)
  }
  if (content.payloadType !== STATEMENT_MEDIA_TYPE) {
    return refuse(`the envelope holds ${quote(content.payloadType)}, not an in-toto statement`)
  }
  if (json === undefined) return refuse('its signer signed a statement that is not a JSON object')
  return predicateTypeOf(content) === undefined
    ? judgeSignature(json, wanted)
    : judgeAttestation(json, wanted)
}

function judgePayload(
  { critical, optional }: JsonObject,
  { image, requireAnnotations }: Wanted,
): ContentJudgement {
  if (!isJsonObject(critical)) return refuse('the signed payload has no critical part')
  if (critical.type !== PAYLOAD_TYPE) {
    return refuse(`the signed payload is of the type ${quote(critical.type)}, not "${PAYLOAD_TYPE}"`)
  }
  const signed = isJsonObject(critical.image) ? critical.image['docker-manifest-digest'] : undefined
  if (signed !== image) return refuse(`its signer signed the image ${quote(signed)}, not this one`)
  const name = isJsonObject(critical.identity) ? critical.identity['docker-reference'] : undefined
  return {
    ...judgeAnnotations(optional, requireAnnotations),
    ...(typeof name === 'string' && { signedName: name }),
  }
}

function judgeSignature(statement: JsonObject, { image, requireAnnotations }: Wanted): ContentJudgement {
  const { _type: type, predicateType, subject } = statement
  if (type !== STATEMENT_TYPE) return refuse(wrongType(type))
  if (predicateType !== SIGNATURE_PREDICATE) {
    return refuse(`it is an attestation (${quote(predicateType)}), not a signature`)
  }
  const own = findSubject(subject, image)
  return own === undefined
    ? refuse(`its signer signed the image ${quote(firstOf(subject))}, not this one`)
    : judgeAnnotations(own.annotations, requireAnnotations)
}

function judgeAttestation(statement: JsonObject, wanted: Wanted): ContentJudgement {
  const { _type: type, subject, predicateType, predicate } = statement
  if (type !== STATEMENT_TYPE && type !== STATEMENT_TYPE_0_1) return refuse(wrongType(type))
  if (findSubject(subject, wanted.image) === undefined) {
    return refuse(`its signer attested to ${quote(firstOf(subject))}, not to this image`)
  }
  const problem = predicateType === VERIFICATION_SUMMARY ? problemOfSummary(predicate, wanted) : undefined
  return { problem, annotations: {} }
}

/** What a summary says counts as well (SLSA, "Verification Summary Attestation", "How to verify"); where it is about, when it says so as ours do. */
function problemOfSummary(predicate: unknown, { image, origin }: Wanted): string | undefined {
  const { verificationResult: result, resourceUri: uri } = isJsonObject(predicate) ? predicate : {}
  if (result !== 'PASSED') return `it is a verification summary with the result ${quote(result)}`
  if (origin === undefined || typeof uri !== 'string' || !uri.startsWith(OCI_SCHEME)) return undefined
  const here = resourceUri({ repository: origin, digest: image })
  return uri === here ? undefined : `it is a verification summary about ${quote(uri)}, not about ${here}`
}

function wrongType(type: unknown): string {
  return `the statement is of the type ${quote(type)}, not "${STATEMENT_TYPE}"`
}

/** The subject that is this image: a statement may be about several things. */
function findSubject(subject: unknown, image: Digest): JsonObject | undefined {
  return listOf(subject)
    .filter(isJsonObject)
    .find(({ digest }) => names(digest, image))
}

function firstOf(subject: unknown): unknown {
  return listOf(subject)[0]
}

function listOf(subject: unknown): readonly unknown[] {
  return Array.isArray(subject) ? subject : []
}

function names(digests: unknown, image: Digest): boolean {
  const algorithm = algorithmOf(image)
  return isJsonObject(digests) && Object.hasOwn(digests, algorithm) && digests[algorithm] === hexOf(image)
}

function judgeAnnotations(stated: unknown, required: Annotations): ContentJudgement {
  const annotations = readAnnotations(stated)
  for (const [key, value] of Object.entries(required)) {
    const actual = Object.hasOwn(annotations, key) ? annotations[key] : undefined
    if (actual === undefined) {
      return refuse(`it does not state the annotation ${key}=${value}`, annotations)
    }
    if (actual !== value) {
      return refuse(`it states ${key}=${quote(actual)} instead of ${key}=${quote(value)}`, annotations)
    }
  }
  return { problem: undefined, annotations }
}

/** Numbers and booleans are compared as the text they are written as; anything deeper is no annotation. */
function readAnnotations(stated: unknown): Annotations {
  if (!isJsonObject(stated)) return {}
  const entries = Object.entries(stated)
    .filter(([, value]) => ['string', 'number', 'boolean'].includes(typeof value))
    .map(([key, value]) => [key, String(value)] as const)
  return Object.fromEntries(entries)
}

function refuse(problem: string, annotations: Annotations = {}): ContentJudgement {
  return { problem, annotations }
}
