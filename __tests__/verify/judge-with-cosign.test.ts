import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { MEDIA_TYPES } from '../../src/oci/media-types.ts'
import { keySigner } from '../../src/policy/make-demand.ts'
import type { SignedDemand } from '../../src/policy/policy.ts'
import type { KeySigner } from '../../src/policy/trusted-signer.ts'
import { type CosignQuestion, cosignQuestions } from '../../src/verify/cosign-questions.ts'
import { judgeWithCosign } from '../../src/verify/judge-with-cosign.ts'
import type { Judgement } from '../../src/verify/judgement.ts'
import { buildKeys } from '../builders/build-keys.ts'
import { statementOf } from '../builders/evidenced-signature.ts'
import { memoryImage, putBlob } from '../builders/memory-image.ts'
import { signDsse } from '../builders/sign-payload.ts'

const PROVENANCE = 'https://slsa.dev/provenance/v1'
const TIMESTAMP = { 'dev.sigstore.cosign/rfc3161timestamp': '{"SignedRFC3161Timestamp":"AAAA"}' }
const OTHER_FIELDS = /^its DSSE envelope has other fields than payloadType, payload and signatures$/

const image = await memoryImage()
const keys = buildKeys()
const signer = { ...keySigner(keys.publicKey), name: 'ours' }
const envelope = signDsse(keys, JSON.stringify(statementOf(image.digest, { predicateType: PROVENANCE })))
const written = JSON.stringify(envelope)

/** What is found at a place, and what cosign prints of all that it accepts there. */
interface Found {
  readonly place?: 'att' | 'referrer'
  readonly text?: string
  readonly stdout?: string
  readonly words?: string
  readonly asked?: readonly KeySigner[]
}

/** How it is judged, when these are asked for an attestation. */
async function judge({
  place = 'att',
  text = written,
  asked = [signer],
  ...said
}: Found): Promise<Judgement> {
  const { stdout = text, words = '' } = said
  const type = place === 'att' ? MEDIA_TYPES.dsseEnvelope : MEDIA_TYPES.sigstoreBundle
  const blob = await putBlob(image.repository, text, type)
  const demand: SignedDemand = {
    by: 'signers',
    signature: undefined,
    requireAnnotations: {},
    attestations: [{ predicateType: PROVENANCE, by: { of: 'any', signers: asked } }],
  }
  const answerOf = (question: CosignQuestion) => ({ question, stdout })
  const answers = asked.map((each) => ({
    place,
    signer: each,
    predicateType: PROVENANCE,
    accepted: words === '' ? cosignQuestions(each).map(answerOf) : [],
    words,
  }))
  const found = {
    place,
    form: place === 'att' ? 'tag' : 'bundle',
    manifest: image.digest,
    content: { blob, annotations: TIMESTAMP },
  } as const
  const [only, ...others] = await judgeWithCosign(found, image.repository, {
    image: image.digest,
    demand,
    answers,
  })
  assert.ok(only && others.length === 0)
  return only
}

describe('what cosign accepts under the .att tag', () => {
  test('counts', async () => {
    const { counts, by } = await judge({})
    assert.deepEqual([counts, by], [true, [signer]])
  })

  test('never proves a time by its timestamp', async () => {
    const dated: KeySigner = { ...signer, timestamp: 'required' }
    const { counts, reason } = await judge({ asked: [dated] })
    assert.ok(!counts)
    assert.match(reason, /^only a timestamp could prove its time, .+: use verifier: native$/)
  })

  test('counts for whoever asks for no timestamp', async () => {
    const dated: KeySigner = { ...signer, timestamp: 'required' }
    assert.deepEqual((await judge({ asked: [dated, signer] })).by, [signer])
  })

  for (const [what, text, reason] of [
    ['with a field in capitals', JSON.stringify({ ...envelope, Payload: 'e30=' }), OTHER_FIELDS],
    ['with one field more', JSON.stringify({ ...envelope, x: 1 }), OTHER_FIELDS],
    ['with one field less', JSON.stringify({ ...envelope, signatures: undefined }), OTHER_FIELDS],
    [
      'over several lines',
      JSON.stringify(envelope, undefined, 2),
      /^its DSSE envelope is written over several/,
    ],
    ['with a line break at its end', `${written}\n`, /^its DSSE envelope is written over several lines/],
  ] as const) {
    test(`does not count ${what}`, async () => {
      const { counts, reason: said } = await judge({ text, stdout: `${text}\n${written}\n` })
      assert.ok(!counts)
      assert.match(said, reason)
    })
  }

  test('does not count as a line of another envelope', async () => {
    const other = signDsse(keys, JSON.stringify(statementOf(image.digest)))
    const around = `{"x":\n${written}\n,${JSON.stringify(other).slice(1)}`
    assert.equal(typeof JSON.parse(around), 'object')
    assert.ok(!(await judge({ stdout: `${around}\n` })).counts)
  })
})

describe('a Sigstore bundle that cosign accepts', () => {
  const bundleOf = (dsseEnvelope: object) => JSON.stringify({ dsseEnvelope }, undefined, 2)

  test('counts, over however many lines it is written, and by its timestamp', async () => {
    const dated: KeySigner = { ...signer, timestamp: 'required' }
    for (const asked of [[signer], [dated]]) {
      const found = { place: 'referrer', text: bundleOf(envelope), stdout: `${written}\n`, asked } as const
      assert.ok((await judge(found)).counts)
    }
  })

  test('does not count when its envelope has another field', async () => {
    const text = bundleOf({ ...envelope, Payload: 'e30=' })
    const { counts, reason } = await judge({ place: 'referrer', text, stdout: written })
    assert.ok(!counts)
    assert.match(reason, OTHER_FIELDS)
  })
})

test('the words of cosign are cut', async () => {
  const words = 'x'.repeat(100_000)
  const { reason } = await judge({ words })
  assert.match(reason, /^cosign says: x{900,}…$/)
  assert.ok(reason.length <= 1001)
  const many = Array.from({ length: 50 }, (_, index) => ({ ...signer, name: `signer ${index}` }))
  assert.ok((await judge({ words, asked: many })).reason.length <= 1001)
})
