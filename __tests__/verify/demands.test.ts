import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { ImageManifest } from '../../src/oci/manifest.ts'
import { keySigner } from '../../src/policy/make-demand.ts'
import type { RequiredAttestation, SignedDemand, SignerChoice } from '../../src/policy/policy.ts'
import { expression } from '../../src/policy/text-match.ts'
import type { TrustedSigner } from '../../src/policy/trusted-signer.ts'
import { findLacking } from '../../src/verify/find-lacking.ts'
import { buildKeys } from '../builders/build-keys.ts'
import { signatures } from '../builders/changed-signature.ts'
import {
  attestationLayerOf,
  bundleOf,
  type Evidenced,
  layerOf,
  type Maker,
  referrerOf,
  statementOf,
} from '../builders/evidenced-signature.ts'
import { putBlob } from '../builders/memory-image.ts'
import type { Attached } from '../builders/verification-scene.ts'
import { scene } from './refused-case.ts'

const { sigstore, image } = scene
const PROVENANCE = 'https://slsa.dev/provenance/v1'

const [release, ci, nobody] = [buildKeys(), buildKeys(), buildKeys()]
const named = (name: string, keys: typeof release): TrustedSigner => ({ ...keySigner(keys.publicKey), name })
const releaseSigner = named('release', release)
const ciSigner = named('ci', ci)
const any = (...signers: TrustedSigner[]): SignerChoice => ({ of: 'any', signers })
const all = (...signers: TrustedSigner[]): SignerChoice => ({ of: 'all', signers })

const layer = (keys: typeof release) => layerOf(image, { keys }, { sigstore })
const sig = async (...by: (typeof release)[]): Promise<Attached> => [
  ['sig', await signatures(...(await Promise.all(by.map(layer))))],
]

/** An attestation as a referrer. */
async function attestation(
  maker: Maker,
  statement: Parameters<typeof statementOf>[1],
  evidence: Partial<Evidenced> = {},
): Promise<readonly ['referrer', ImageManifest]> {
  const json = await bundleOf(maker, statementOf(image.digest, statement), { sigstore, ...evidence })
  return ['referrer', await referrerOf(image, json)]
}

function demand(signature: SignerChoice | undefined, ...attestations: RequiredAttestation[]): SignedDemand {
  return { by: 'signers', signature, requireAnnotations: {}, attestations }
}

describe('of several signers', () => {
  test('one is enough where any of them may have signed', async () => {
    const { satisfied, signatures: found } = await scene.verify(
      demand(any(releaseSigner, ciSigner)),
      await sig(ci),
    )
    assert.ok(satisfied)
    assert.deepEqual(
      found.map(({ signers }) => signers),
      [['ci']],
    )
  })

  test('each is needed where all of them have to have signed, and the one that is missing is named', async () => {
    const both = demand(all(releaseSigner, ciSigner))
    assert.ok((await scene.verify(both, await sig(release, ci))).satisfied)
    const { satisfied, lacking } = await scene.verify(both, await sig(ci))
    assert.deepEqual([satisfied, lacking], [false, ['no signature by release']])
  })

  test('two signatures by one do not stand for two', async () => {
    const { satisfied, signatures: found } = await scene.verify(
      demand(all(releaseSigner, ciSigner)),
      await sig(ci, ci),
    )
    assert.ok(!satisfied)
    assert.deepEqual(
      found.map(({ counts }) => counts),
      [true, true],
    )
  })

  test('none has signed what a stranger has, and each says why', async () => {
    const { lacking, signatures: found } = await scene.verify(
      demand(any(releaseSigner, scene.workflow({ name: 'workflow' }))),
      await sig(nobody),
    )
    assert.deepEqual(lacking, ['no signature by release or workflow'])
    assert.match(
      found[0]?.reason ?? '',
      /^for release: the signature is not by the key of the policy, .+; for workflow: it was made with a key, and the policy asks for a certificate$/,
    )
  })

  test('two who are described by one identity are one', async () => {
    const maker = await scene.keyless()
    const layers = [await layerOf(image, maker, { sigstore, rekor: 1 })]
    const pattern = scene.workflow({ name: 'pattern', identity: expression('https://github.com/.*', 'here') })
    const both = demand(all(scene.workflow({ name: 'exact' }), pattern))
    const { lacking } = await scene.verify(both, [['sig', await signatures(...layers)]])
    assert.deepEqual(lacking, ['no signature by pattern'])
  })

  test('of two who overlap each gets the identity that is left for the other', async () => {
    // Whoever is first in the list takes what the second one needs, unless he gives it back.
    const [wide, narrow] = [named('wide', ci), releaseSigner]
    const judged = (who: string, ...by: TrustedSigner[]) => ({
      counts: true,
      reason: '',
      annotations: {},
      predicateType: undefined,
      by,
      who,
    })
    const found = [judged('a', wide, narrow), judged('b', wide)]
    assert.deepEqual(findLacking(demand(all(wide, narrow)), found), [])
    assert.deepEqual(findLacking(demand(all(wide, narrow)), found.slice(0, 1)), ['no signature by release'])
  })

  test('a key and a certificate may both be asked for', async () => {
    const maker = await scene.keyless()
    const both = demand(all(releaseSigner, scene.workflow()))
    const layers = [await layer(release), await layerOf(image, maker, { sigstore, rekor: 1 })]
    const { satisfied, signatures: found } = await scene.verify(both, [['sig', await signatures(...layers)]])
    assert.ok(satisfied, JSON.stringify(found))
  })

  test('nobody is never enough, whatever is attached', async () => {
    for (const empty of [demand(all()), demand(any()), demand(undefined)]) {
      const { satisfied, lacking } = await scene.verify(empty, await sig(release))
      assert.deepEqual([satisfied, lacking], [false, ['no signature that counts']])
    }
    const half = demand(any(releaseSigner), { predicateType: PROVENANCE, by: all() })
    const { lacking } = await scene.verify(half, await sig(release))
    assert.deepEqual(lacking, [`no attestation ${PROVENANCE} that counts`])
  })
})

describe('a required attestation', () => {
  const required = { predicateType: PROVENANCE, by: any(ciSigner) }

  test('counts as a referrer and under the .att tag, beside the signature', async () => {
    const statement = { predicateType: PROVENANCE, predicate: { builder: 'x' } }
    const old = statementOf(image.digest, { ...statement, _type: 'https://in-toto.io/Statement/v0.1' })
    const places: Attached = [
      await attestation({ keys: ci }, statement),
      ['att', await signatures(await attestationLayerOf(image, { keys: ci }, { sigstore }, old))],
    ]
    for (const place of places) {
      const attached = [...(await sig(release)), place]
      const { satisfied, signatures: found } = await scene.verify(
        demand(any(releaseSigner), required),
        attached,
      )
      assert.ok(satisfied)
      assert.deepEqual(
        found.map(({ predicateType, signers }) => [predicateType, signers]),
        [
          [undefined, ['release']],
          [PROVENANCE, ['ci']],
        ],
      )
    }
  })

  test('counts with a certificate and evidence of every kind', async () => {
    const maker = await scene.keyless()
    const statement = statementOf(image.digest, { predicateType: PROVENANCE })
    for (const [evidence, asked] of [
      [{ rekor: 1 }, { transparency: 'rekor' }],
      [{ rekor: 1, entry: 'intoto' }, { transparency: 'rekor' }],
      [{ timestamp: true }, { transparency: 'none', timestamp: 'required' }],
      [
        { timestamp: true, whole: true },
        { transparency: 'none', timestamp: 'required' },
      ],
    ] as const) {
      const only = demand(undefined, { predicateType: PROVENANCE, by: all(scene.workflow(asked)) })
      const whole = { sigstore, ...evidence }
      const layers = [await attestationLayerOf(image, maker, whole, statement)]
      for (const attached of [
        [await attestation(maker, { predicateType: PROVENANCE }, evidence)],
        [['att', await signatures(...layers)]],
      ] as const) {
        const { satisfied, signatures: found } = await scene.verify(only, attached)
        assert.ok(satisfied, found[0]?.reason)
      }
    }
  })

  test('is not there when its signer has signed the image, and the other way round', async () => {
    const both = demand(any(ciSigner), required)
    const signed = await scene.verify(both, await sig(ci))
    assert.deepEqual(signed.lacking, [`no attestation ${PROVENANCE} by ci`])
    const attested = await scene.verify(both, [
      await attestation({ keys: ci }, { predicateType: PROVENANCE }),
    ])
    assert.deepEqual(attested.lacking, ['no signature by ci'])
  })

  test('counts when any of several subjects is the image', async () => {
    const subject = [
      { name: 'other', digest: { sha256: '0' } },
      ...(statementOf(image.digest).subject as object[]),
    ]
    const attached = [await attestation({ keys: ci }, { predicateType: PROVENANCE, subject })]
    assert.ok((await scene.verify(demand(undefined, required), attached)).satisfied)
  })

  test('counts when any signature of its envelope does, and each is judged', async () => {
    const statement = statementOf(image.digest, { predicateType: PROVENANCE })
    const [good, bad] = await Promise.all(
      [ci, nobody].map((keys) => attestationLayerOf(image, { keys }, { sigstore }, statement)),
    )
    assert.ok(good && bad)
    const envelopes = await Promise.all(
      [bad, good].map(async (blob) =>
        JSON.parse(Buffer.from(await image.repository.readBlob(blob, blob.size)).toString()),
      ),
    )
    const both = { ...envelopes[0], signatures: envelopes.flatMap((one) => one.signatures) }
    const merged = await signatures(await putBlob(image.repository, JSON.stringify(both), good.mediaType))
    const { satisfied, signatures: found } = await scene.verify(demand(undefined, required), [
      ['att', merged],
    ])
    assert.ok(satisfied)
    assert.deepEqual(
      found.map(({ counts }) => counts),
      [false, true],
    )
  })
})

describe('a verification summary that is demanded', () => {
  const predicateType = 'https://slsa.dev/verification_summary/v1'
  const wanted = demand(undefined, { predicateType, by: any(ciSigner) })
  const origin = { registry: 'test.example', path: 'app' }

  for (const [what, predicate, refusal] of [
    ['about this place that was passed', { verificationResult: 'PASSED', resourceUri: 'HERE' }, undefined],
    [
      'in the words of another program',
      { verificationResult: 'PASSED', resourceUri: 'pkg:oci/app' },
      undefined,
    ],
    ['without a place', { verificationResult: 'PASSED' }, undefined],
    ['that failed', { verificationResult: 'FAILED', resourceUri: 'HERE' }, /the result "FAILED"$/],
    ['without a result', {}, /the result nothing$/],
    [
      'about another place',
      { verificationResult: 'PASSED', resourceUri: 'oci://sandbox.example/app@sha256:0' },
      /about "oci:\/\/sandbox\.example\/app@sha256:0", not about oci:\/\/test\.example\/app@/,
    ],
  ] as const) {
    test(`${refusal ? 'does not count' : 'counts'} ${what}`, async () => {
      const here = `oci://test.example/app@${image.digest}`
      const text = JSON.stringify(predicate).replace('HERE', here)
      const attached = await attestation({ keys: ci }, { predicateType, predicate: JSON.parse(text) })
      const { satisfied, signatures: found } = await scene.verify({ ...wanted, origin }, [attached])
      assert.equal(satisfied, refusal === undefined, found[0]?.reason)
      if (refusal) assert.match(found[0]?.reason ?? '', refusal)
    })
  }
})
