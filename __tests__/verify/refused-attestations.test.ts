import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { JsonObject } from '../../src/oci/descriptor.ts'
import { digestOf, hexOf } from '../../src/oci/digest.ts'
import { type Manifest, makeIndexManifest } from '../../src/oci/manifest.ts'
import type { SignedDemand } from '../../src/policy/policy.ts'
import { exactly } from '../../src/policy/text-match.ts'
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
import { askedKey, foreign, scene, withKey } from './refused-case.ts'

const { sigstore, image } = scene
const PROVENANCE = 'https://slsa.dev/provenance/v1'
const byKey: SignedDemand = {
  by: 'signers',
  signature: undefined,
  requireAnnotations: {},
  attestations: [{ predicateType: PROVENANCE, by: { of: 'any', signers: [{ ...askedKey, name: 'ci' }] } }],
}

/** What of a good attestation by the key that is asked for is to be other than it should be. */
interface Change {
  readonly maker?: Maker
  readonly statement?: JsonObject
  readonly evidence?: Partial<Evidenced>
  readonly demand?: SignedDemand
}

async function refused(attached: Attached, demand: SignedDemand = byKey): Promise<string> {
  const { satisfied, signatures: found, lacking } = await scene.verify(demand, attached)
  assert.ok(!satisfied)
  assert.deepEqual(lacking.length, 1)
  const [only] = found
  assert.ok(only && found.length === 1 && !only.counts)
  return only.reason
}

describe('an attestation does not count', async () => {
  const cases: readonly [string, Change, RegExp][] = [
    ['by another key', { maker: { keys: buildKeys() } }, /^the signature is not by the key of the policy/],
    [
      'about another image',
      { statement: { subject: [{ name: 'x', digest: { sha256: hexOf(digestOf('x')) } }] } },
      /^its signer attested to \{"name":"x".+, not to this image$/,
    ],
    ['about nothing', { statement: { subject: [] } }, /^its signer attested to nothing, not to this image$/],
    [
      'about the image by the wrong algorithm',
      { statement: { subject: [{ digest: { sha512: hexOf(image.digest) } }] } },
      /not to this image$/,
    ],
    [
      'of a type that is not asked for',
      { statement: { predicateType: 'https://spdx.dev/Document' } },
      /^it is an attestation \("https:\/\/spdx\.dev\/Document"\), not a signature$/,
    ],
    [
      'of a type that merely contains the one asked for',
      { statement: { predicateType: `${PROVENANCE}.evil` } },
      /^it is an attestation \(.+evil"\), not a signature$/,
    ],
    [
      'that is a signature',
      { statement: { predicateType: 'https://sigstore.dev/cosign/sign/v1' } },
      /^it is a signature, and the policy asks for attestations alone$/,
    ],
    [
      'in a statement of another type',
      { statement: { _type: 'https://in-toto.io/Link/v1' } },
      /^the statement is of the type "https:\/\/in-toto\.io\/Link\/v1"/,
    ],
    [
      'with the certificate of another identity',
      {
        maker: await scene.keyless(),
        evidence: { rekor: 1 },
        demand: {
          ...byKey,
          attestations: [
            {
              predicateType: PROVENANCE,
              by: { of: 'any', signers: [scene.workflow({ identity: exactly('x') })] },
            },
          ],
        },
      },
      /but the identity has to be "x"$/,
    ],
    [
      'with a timestamp of somebody else',
      {
        evidence: { timestamp: true, sigstore: foreign.sigstore },
        demand: {
          ...byKey,
          attestations: [
            {
              predicateType: PROVENANCE,
              by: { of: 'any', signers: [{ ...askedKey, timestamp: 'required' }] },
            },
          ],
        },
      },
      /^its time is not proven \(timestamp could not be verified\)$/,
    ],
  ]
  for (const [name, { maker = withKey, statement, evidence, demand }, reason] of cases) {
    test(`${name}, as a referrer or under the .att tag`, async () => {
      const whole = { sigstore, ...evidence }
      const written = statementOf(image.digest, { predicateType: PROVENANCE, ...statement })
      const bundle = await referrerOf(image, await bundleOf(maker, written, whole))
      const layer = await attestationLayerOf(image, maker, whole, written)
      assert.match(await refused([['referrer', bundle]], demand), reason)
      assert.match(await refused([['att', await signatures(layer)]], demand), reason)
    })
  }
})

describe('what stands under the .att tag is not judged', async () => {
  const good = await attestationLayerOf(
    image,
    withKey,
    { sigstore },
    statementOf(image.digest, { predicateType: PROVENANCE }),
  )
  const envelope = (json: unknown) => putBlob(image.repository, JSON.stringify(json), good.mediaType)
  const cases: readonly [string, Manifest, RegExp][] = [
    ['when it is an index', makeIndexManifest([]), /^an index stands under the \.att tag$/],
    [
      'when it has too many layers',
      await signatures(...Array.from({ length: 1001 }, () => good)),
      /^the \.att manifest has 1001 layers, more than the 1000 that are judged$/,
    ],
    [
      'when it is a signature',
      await signatures(await layerOf(image, withKey, { sigstore })),
      /^the layer is of the type "application\/vnd\.dev\.cosign\.simplesigning\.v1\+json", not a DSSE envelope$/,
    ],
    ['when it is not JSON', await signatures(await envelope(1)), /^the DSSE envelope is not a JSON object$/],
    [
      'when nobody signed',
      await signatures(await envelope({ signatures: [] })),
      /^the DSSE envelope has no signature$/,
    ],
    [
      'when too many have signed',
      await signatures(await envelope({ signatures: Array(33).fill({}) })),
      /^the DSSE envelope has 33 signatures, more than the 32 that are judged$/,
    ],
    ['when it is huge', await signatures({ ...good, size: 2 ** 40 }), /^it has 1099511627776 bytes/],
  ]
  for (const [name, manifest, reason] of cases) {
    test(name, async () => assert.match(await refused([['att', manifest]]), reason))
  }

  test('where no attestation is asked for', async () => {
    const demand: SignedDemand = {
      ...byKey,
      signature: { of: 'any', signers: [askedKey] },
      attestations: [],
    }
    const { satisfied, signatures: found } = await scene.verify(demand, [['att', await signatures(good)]])
    assert.deepEqual([satisfied, found], [false, []])
  })
})

test('a signature that stands under the .att tag is none', async () => {
  const demand: SignedDemand = { ...byKey, signature: { of: 'any', signers: [askedKey] } }
  const layer = await attestationLayerOf(image, withKey, { sigstore }, statementOf(image.digest))
  const { satisfied, signatures: found } = await scene.verify(demand, [['att', await signatures(layer)]])
  assert.ok(!satisfied)
  assert.equal(found[0]?.reason, 'it is a signature, and stands under the .att tag')
})

test('more than a thousand Sigstore bundles are not judged, and none of them is read', async () => {
  const bundle = await referrerOf(image, { not: 'read' })
  const flood: Attached = Array.from({ length: 1001 }, () => ['referrer', bundle] as const)
  assert.equal(
    await refused(flood),
    'the image has 1001 Sigstore bundles, more than the 1000 that are judged',
  )
})
