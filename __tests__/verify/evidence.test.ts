import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { keySigner } from '../../src/policy/make-demand.ts'
import { exactly, expression } from '../../src/policy/text-match.ts'
import type { Evidence, TrustedSigner } from '../../src/policy/trusted-signer.ts'
import { buildKeys } from '../builders/build-keys.ts'
import { signatures } from '../builders/changed-signature.ts'
import {
  bundleOf,
  type Evidenced,
  layerOf,
  type Maker,
  referrerOf,
  statementOf,
} from '../builders/evidenced-signature.ts'
import {
  type Attached,
  type VerificationScene,
  verificationScene,
  WORKFLOW,
} from '../builders/verification-scene.ts'

/** What comes with a signature, and what is asked of it. */
type Combination = readonly [given: Omit<Evidenced, 'sigstore'>, asked: Evidence]

const MINUTE_MS = 60_000
const DAY_MS = 24 * 60 * MINUTE_MS

const NOTHING = { transparency: 'none', timestamp: 'none' } as const
const LOG = { transparency: 'rekor', timestamp: 'none' } as const
const TIME = { transparency: 'none', timestamp: 'required' } as const
const BOTH = { transparency: 'rekor', timestamp: 'required' } as const

const FOR_KEYS: readonly Combination[] = [
  [{}, NOTHING],
  [{ rekor: 1 }, NOTHING],
  [{ rekor: 1 }, LOG],
  [{ timestamp: true }, TIME],
  [{ rekor: 1, timestamp: true }, BOTH],
  [{ rekor: 1, timestamp: true }, NOTHING],
]

const FOR_CERTIFICATES: readonly Combination[] = [
  [{ rekor: 1 }, LOG],
  [{ rekor: 1 }, NOTHING],
  [{ timestamp: true }, TIME],
  [{ timestamp: true }, NOTHING],
  [{ rekor: 1, timestamp: true }, BOTH],
  [{ rekor: 1, timestamp: true }, LOG],
]

/** Only a bundle can hold an entry of Rekor v2, which states no time. */
const ONLY_BUNDLES_OF_KEYS: readonly Combination[] = [
  [{ rekor: 2 }, LOG],
  [{ rekor: 1, entry: 'intoto' }, LOG],
  [{ rekor: 1, entry: 'hashedrekord' }, LOG],
]
const ONLY_BUNDLES_OF_CERTIFICATES: readonly Combination[] = [
  [{ rekor: 2, timestamp: true }, LOG],
  [{ rekor: 2, timestamp: true }, BOTH],
  [{ rekor: 2, timestamp: true }, NOTHING],
]

let scene: VerificationScene
before(async () => {
  scene = await verificationScene()
})
after(() => scene[Symbol.asyncDispose]())

async function attach(form: 'bundle' | 'tag', maker: Maker, evidence: Evidenced): Promise<Attached> {
  const { image } = scene
  return form === 'bundle'
    ? [['referrer', await referrerOf(image, await bundleOf(maker, statementOf(image.digest), evidence))]]
    : [['sig', await signatures(await layerOf(image, maker, evidence))]]
}

async function judge(
  form: 'bundle' | 'tag',
  given: Omit<Evidenced, 'sigstore'>,
  who: { readonly maker: Maker; readonly signer: TrustedSigner },
) {
  const found = await scene.single(
    who.signer,
    await attach(form, who.maker, { ...given, sigstore: scene.sigstore }),
  )
  assert.deepEqual([found.reason, found.counts, found.form], [found.reason, true, form])
  return found
}

const named = (value: object) => JSON.stringify(value).replaceAll('"', '')

describe('a signature with a key counts', () => {
  for (const kind of ['ec', 'rsa'] as const) {
    const keys = buildKeys(kind)
    for (const form of ['bundle', 'tag'] as const) {
      for (const [given, asked] of [...FOR_KEYS, ...(form === 'bundle' ? ONLY_BUNDLES_OF_KEYS : [])]) {
        test(`${kind}, ${form}, with ${named(given)} where ${named(asked)}`, async () => {
          const signer = { ...keySigner(keys.publicKey), ...asked }
          const { reason } = await judge(form, given, { maker: { keys }, signer })
          assert.equal(reason, `signed by the key sha256:${keys.hint}`)
        })
      }
    }
  }
})

describe('a signature with a certificate counts', () => {
  for (const form of ['bundle', 'tag'] as const) {
    for (const [given, asked] of [
      ...FOR_CERTIFICATES,
      ...(form === 'bundle' ? ONLY_BUNDLES_OF_CERTIFICATES : []),
    ]) {
      test(`${form}, with ${named(given)} where ${named(asked)}`, async () => {
        const { reason, signers } = await judge(form, given, {
          maker: await scene.keyless(),
          signer: scene.workflow(asked),
        })
        assert.equal(reason, `signed by "${WORKFLOW}" (issuer "${scene.sigstore.issuer}")`)
        assert.deepEqual(signers, [`${WORKFLOW} (issuer ${scene.sigstore.issuer})`])
      })
    }
  }

  test('by the time that the log or an authority states, and not by the clock', async () => {
    for (const [evidence, asked, days] of [
      [{ rekor: 1 }, LOG, -1],
      [{ timestamp: true }, TIME, 1],
    ] as const) {
      const at = new Date(Date.now() + days * DAY_MS)
      const maker = await scene.keyless({
        notBefore: new Date(at.getTime() - MINUTE_MS),
        notAfter: new Date(at.getTime() + MINUTE_MS),
      })
      const who = { maker, signer: scene.workflow(asked) }
      for (const form of ['bundle', 'tag'] as const) await judge(form, { ...evidence, at }, who)
    }
  })

  test('whose log entry proves the time where its timestamp does not', async () => {
    await using other = await verificationScene()
    const { image, sigstore } = scene
    const maker = await scene.keyless()
    const statement = statementOf(image.digest)
    const good = await bundleOf(maker, statement, { sigstore, rekor: 1 })
    const foreign = await bundleOf(maker, statement, { sigstore: other.sigstore, timestamp: true })
    const { timestampVerificationData } = foreign.verificationMaterial
    const both = {
      ...good,
      verificationMaterial: { ...good.verificationMaterial, timestampVerificationData },
    }
    for (const asked of [NOTHING, LOG]) {
      const found = await scene.single(scene.workflow(asked), [['referrer', await referrerOf(image, both)]])
      assert.ok(found.counts, found.reason)
    }
  })

  test('of a person, and of an expression that matches as a whole', async () => {
    const subject = { email: 'ada@example.com' }
    const signer = scene.workflow({
      identity: expression('.*@example\\.com', 'the identity'),
      issuer: expression('http://127\\.0\\.0\\.1:.*', 'the issuer'),
    })
    const { reason } = await judge(
      'bundle',
      { rekor: 1 },
      { maker: await scene.keyless({ subject }), signer },
    )
    assert.match(reason, /^signed by "ada@example\.com" \(issuer "http:/)
  })

  test('whose claims about the workflow are those that are asked for', async () => {
    const workflow = {
      trigger: 'push',
      sha: '9f1d2c3b4a5968778695a4b3c2d1e0f123456789',
      name: 'release',
      repository: 'acme/app',
      ref: 'refs/heads/main',
    }
    await judge(
      'bundle',
      { rekor: 1 },
      { maker: await scene.keyless(), signer: scene.workflow({ workflow }) },
    )
  })

  test('whatever its envelope calls the key', async () => {
    const { image, sigstore } = scene
    const made = await bundleOf(await scene.keyless(), statementOf(image.digest), { sigstore, rekor: 1 })
    const envelope = made.dsseEnvelope
    const dsseEnvelope = {
      ...envelope,
      signatures: envelope.signatures.map((each) => ({ ...each, keyid: 'x' })),
    }
    const found = await scene.single(scene.workflow(), [
      ['referrer', await referrerOf(image, { ...made, dsseEnvelope })],
    ])
    assert.ok(found.counts, found.reason)
  })
})

describe('the trusted root', () => {
  test('is asked for once a run', async () => {
    await using fresh = await verificationScene()
    const { image, sigstore } = fresh
    const maker = await fresh.keyless()
    const made = await bundleOf(maker, statementOf(image.digest), { sigstore, rekor: 1 })
    const attached: Attached = [['referrer', await referrerOf(image, made)]]
    await Promise.all([1, 2, 3].map(() => fresh.single(fresh.workflow(), attached)))
    assert.equal(fresh.asked(), 1)
  })

  test('is not asked for where there is nothing to judge, or a key says it all', async () => {
    await using fresh = await verificationScene()
    const keys = buildKeys()
    const { image, sigstore } = fresh
    const made = await bundleOf({ keys }, statementOf(image.digest), { sigstore, rekor: 1, timestamp: true })
    await fresh.single(keySigner(keys.publicKey), [['referrer', await referrerOf(image, made)]])
    const demand = { by: 'signers', signature: undefined, requireAnnotations: {}, attestations: [] } as const
    const certificate = { ...demand, signature: { of: 'any', signers: [fresh.workflow()] } } as const
    assert.ok(!(await fresh.verify(certificate, [])).satisfied)
    assert.equal(fresh.asked(), 0)
  })

  test('that another run trusts is not trusted here', async () => {
    await using other = await verificationScene()
    const made = await bundleOf(await other.keyless(), statementOf(scene.image.digest), {
      sigstore: other.sigstore,
      rekor: 1,
    })
    const signer = scene.workflow({ issuer: exactly(other.sigstore.issuer) })
    const found = await scene.single(signer, [['referrer', await referrerOf(scene.image, made)]])
    assert.match(found.reason, /^its certificate is not trusted/)
  })
})
