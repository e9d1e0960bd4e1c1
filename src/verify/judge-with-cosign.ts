import { isJsonObject } from '../oci/descriptor.ts'
import type { Digest } from '../oci/digest.ts'
import { readJson } from '../oci/read-json.ts'
import { LAYER_ANNOTATIONS } from '../oci/signature-format.ts'
import type { SignedDemand } from '../policy/policy.ts'
import type { TrustedSigner } from '../policy/trusted-signer.ts'
import type { SourceRepository } from '../registry/repository.ts'
import type { CosignAnswer } from './ask-cosign.ts'
import { nameOfEnvelope, readAcceptedEnvelopes, readAcceptedLayers } from './cosign-output.ts'
import { ATTESTATION_LIMIT, type FoundSignature } from './found-signature.ts'
import { judgeContent, predicateTypeOf } from './judge-content.ts'
import { type Judgement, quote, refused } from './judgement.ts'
import { nameOfSigner } from './name-of-signer.ts'
import type { SignedContent } from './open-signature.ts'

/** Something that was found and can be read. */
export interface Readable extends FoundSignature {
  readonly content: Extract<FoundSignature['content'], { readonly blob: unknown }>
}

/** What was asked of cosign, and its answers. */
export interface Asked {
  readonly image: Digest
  readonly demand: SignedDemand
  readonly answers: readonly CosignAnswer[]
}

const NOT_ASKED = 'the policy does not ask for it'

/** Judges what was found at one place by what cosign accepted of it. */
export async function judgeWithCosign(
  found: Readable,
  repository: SourceRepository,
  asked: Asked,
): Promise<readonly Judgement[]> {
  if (found.place === 'sig') return judgeLayers(asked)
  const bytes = await repository.readBlob(found.content.blob, ATTESTATION_LIMIT)
  return [judgeEnvelope(found, bytes, asked)]
}

/** The signatures under a `.sig` tag: two over the same payload are one, by several. */
function judgeLayers(asked: Asked): readonly Judgement[] {
  const answers = asked.answers.filter(({ place }) => place === 'sig')
  const byPayload = new Map<string, TrustedSigner[]>()
  for (const { signer, accepted } of answers) {
    const payloads = accepted.flatMap(({ question, stdout }) =>
      readAcceptedLayers(stdout)
        .filter(({ hasCertificate }) => hasCertificate === (signer.by === 'certificate'))
        .filter(({ hasTimestamp }) => hasTimestamp || !question.needsTimestamp)
        .map(({ payload }) => Buffer.from(payload).toString()),
    )
    for (const payload of new Set(payloads))
      byPayload.set(payload, [...(byPayload.get(payload) ?? []), signer])
  }
  if (byPayload.size === 0) return [refused(wordsOf(answers))]
  return [...byPayload].map(([payload, by]) =>
    judge({ kind: 'payload', bytes: Buffer.from(payload) }, by, asked),
  )
}

/** A Sigstore bundle, or an envelope under an `.att` tag. */
function judgeEnvelope({ place, content }: Readable, bytes: Uint8Array, asked: Asked): Judgement {
  const json = readJson(bytes)
  const envelope = place === 'referrer' ? json?.dsseEnvelope : json
  const signed = contentOf(envelope)
  if (signed === undefined) return refused('it holds no DSSE envelope')
  const predicateType = predicateTypeOf(signed)
  const answers = asked.answers.filter(
    (answer) => answer.place === place && answer.predicateType === predicateType,
  )
  const name = place === 'referrer' ? nameOfEnvelope(envelope) : content.blob.digest
  const by = answers.filter(({ signer, accepted }) =>
    accepted.some(
      ({ question, stdout }) =>
        readAcceptedEnvelopes(stdout).has(name) &&
        (place === 'referrer' || hasRightParts(content, signer, question.needsTimestamp)),
    ),
  )
  if (by.length > 0)
    return judge(
      signed,
      by.map(({ signer }) => signer),
      asked,
    )
  const what =
    predicateType === undefined ? '' : `it is an attestation (${quote(predicateType)}), not a signature; `
  return refused(answers.length === 0 ? `${what}${NOT_ASKED}` : wordsOf(answers), { predicateType })
}

/** Under a tag cosign lets a certificate lie beside a key's signature, and misses no timestamp that is not there. */
function hasRightParts(
  { annotations }: Readable['content'],
  signer: TrustedSigner,
  needsTimestamp: boolean,
): boolean {
  const hasCertificate = Boolean(annotations[LAYER_ANNOTATIONS.certificate])
  const hasTimestamp = Boolean(annotations[LAYER_ANNOTATIONS.timestamp])
  return hasCertificate === (signer.by === 'certificate') && (hasTimestamp || !needsTimestamp)
}

function contentOf(envelope: unknown): SignedContent | undefined {
  if (!isJsonObject(envelope)) return undefined
  const { payloadType, payload } = envelope
  if (typeof payloadType !== 'string' || typeof payload !== 'string') return undefined
  return { kind: 'statement', payloadType, bytes: Buffer.from(payload, 'base64') }
}

function judge(content: SignedContent, by: readonly TrustedSigner[], { image, demand }: Asked): Judgement {
  const { requireAnnotations } = demand
  const { problem, annotations } = judgeContent(content, { image, requireAnnotations })
  const stated = { annotations, predicateType: predicateTypeOf(content) }
  if (problem !== undefined) return refused(problem, stated)
  return {
    ...stated,
    counts: true,
    reason: `cosign accepts it as signed by ${by.map(nameOfSigner).join(' and ')}`,
    by,
  }
}

/** cosign's own last words, with the signer's name where there are several. */
function wordsOf(answers: readonly CosignAnswer[]): string {
  const said = answers.map(({ signer, words }) => ({
    name: nameOfSigner(signer),
    words: words || 'what it accepts is not what was asked for',
  }))
  const different = new Set(said.map(({ words }) => words))
  if (different.size <= 1) return `cosign says: ${[...different].join()}`
  return `cosign says ${said.map(({ name, words }) => `for ${name}: ${words}`).join('; ')}`
}
