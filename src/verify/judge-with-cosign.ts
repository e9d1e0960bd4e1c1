import { cutText } from '../oci/cut-text.ts'
import { isJsonObject } from '../oci/descriptor.ts'
import type { Digest } from '../oci/digest.ts'
import { readJson } from '../oci/read-json.ts'
import { LAYER_ANNOTATIONS } from '../oci/signature-format.ts'
import type { SignedDemand } from '../policy/policy.ts'
import type { TrustedSigner } from '../policy/trusted-signer.ts'
import type { SourceRepository } from '../registry/repository.ts'
import type { CosignAnswer } from './ask-cosign.ts'
import {
  isPlainEnvelope,
  nameOfEnvelope,
  readAcceptedEnvelopes,
  readAcceptedLayers,
} from './cosign-output.ts'
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
const NO_TIMESTAMP =
  'only a timestamp could prove its time, and under the .att tag cosign does not require one: use verifier: native'
const LINE_BREAK = 10
/** Characters of cosign's that are quoted, of all signers together. */
const LONGEST_WORDS = 1000

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
  // cosign prints what stands under the tag as it is written, and reads more ways of writing than one.
  if (place === 'att' && bytes.includes(LINE_BREAK))
    return refused('its DSSE envelope is written over several lines, which cosign is not asked about')
  if (!isPlainEnvelope(envelope))
    return refused('its DSSE envelope has other fields than payloadType, payload and signatures')
  const predicateType = predicateTypeOf(signed)
  const answers = asked.answers.filter(
    (answer) => answer.place === place && answer.predicateType === predicateType,
  )
  const name = place === 'referrer' ? nameOfEnvelope(envelope) : content.blob.digest
  const accepting = answers.flatMap(({ signer, accepted }) =>
    accepted
      .filter(({ stdout }) => readAcceptedEnvelopes(stdout).has(name))
      .filter(() => place === 'referrer' || hasRightMaker(content, signer))
      .map(({ question }) => ({ signer, isProven: place === 'referrer' || !question.needsTimestamp })),
  )
  const proven = accepting.filter(({ isProven }) => isProven)
  const by = new Set(proven.map(({ signer }) => signer))
  if (by.size > 0) return judge(signed, [...by], asked)
  if (accepting.length > 0) return refused(NO_TIMESTAMP, { predicateType })
  const what =
    predicateType === undefined ? '' : `it is an attestation (${quote(predicateType)}), not a signature; `
  return refused(answers.length === 0 ? `${what}${NOT_ASKED}` : wordsOf(answers), { predicateType })
}

/** Under a tag cosign lets a certificate lie beside a key's signature. */
function hasRightMaker({ annotations }: Readable['content'], signer: TrustedSigner): boolean {
  return Boolean(annotations[LAYER_ANNOTATIONS.certificate]) === (signer.by === 'certificate')
}

function contentOf(envelope: unknown): SignedContent | undefined {
  if (!isJsonObject(envelope)) return undefined
  const { payloadType, payload } = envelope
  if (typeof payloadType !== 'string' || typeof payload !== 'string') return undefined
  return { kind: 'statement', payloadType, bytes: Buffer.from(payload, 'base64') }
}

function judge(content: SignedContent, by: readonly TrustedSigner[], { image, demand }: Asked): Judgement {
  const { problem, ...said } = judgeContent(content, { ...demand, image })
  const stated = { ...said, predicateType: predicateTypeOf(content) }
  if (problem !== undefined) return refused(problem, stated)
  // cosign does not say which of them it was: what several accept is one's.
  const who = by.map(nameOfSigner).join(' and ')
  return { ...stated, counts: true, reason: `cosign accepts it as signed by ${who}`, by, who }
}

/** cosign's own last words, with the signer's name where there are several. */
function wordsOf(answers: readonly CosignAnswer[]): string {
  const said = answers.map(({ signer, words }) => ({
    name: nameOfSigner(signer),
    words: words || 'what it accepts is not what was asked for',
  }))
  const different = new Set(said.map(({ words }) => words))
  if (different.size <= 1) return cutText(`cosign says: ${[...different].join()}`, LONGEST_WORDS)
  const sentences = said.map(({ name, words }) => `for ${name}: ${cutText(words)}`)
  return cutText(`cosign says ${sentences.join('; ')}`, LONGEST_WORDS)
}
