import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { PromotionError } from '../../src/errors.ts'
import type { JsonObject } from '../../src/oci/descriptor.ts'
import { digestOf, hexOf } from '../../src/oci/digest.ts'
import {
  bundle,
  graphWith,
  image,
  layer,
  type ManifestParts,
  ours,
  signatures,
  single,
  theirs,
  verdict,
} from '../builders/changed-signature.ts'
import { offlineVerifier } from '../builders/offline-verifier.ts'

describe('a signature counts', () => {
  test('under the .sig tag, whatever reference it names', async () => {
    const { counts, form, annotations, reason } = await single('sig', await signatures(await layer()))
    assert.ok(counts)
    assert.equal(form, 'tag')
    assert.deepEqual(annotations, { stage: 'prod', build: '7' })
    assert.ok(reason.includes(ours.hint))
  })

  test('as a Sigstore bundle', async () => {
    const { counts, form, annotations } = await single('referrer', await bundle())
    assert.ok(counts)
    assert.equal(form, 'bundle')
    assert.deepEqual(annotations, { stage: 'prod', build: '7' })
  })

  const manifests: readonly [string, (parts: ManifestParts) => ManifestParts][] = [
    ['that is only to be known by its layer', ({ artifactType: _, ...parts }) => parts],
    ['whose artifact type is another one', (parts) => ({ ...parts, artifactType: 'application/x' })],
  ]
  for (const [name, manifest] of manifests) {
    test(`as a Sigstore bundle ${name}`, async () => {
      assert.ok((await single('referrer', await bundle({ manifest }))).counts)
    })
  }

  test('with the annotations required, numbers as their text', async () => {
    const required = { stage: 'prod', build: '7' }
    assert.ok((await single('sig', await signatures(await layer()), required)).counts)
    assert.ok((await single('referrer', await bundle(), required)).counts)
  })

  test('with an annotation whose name means something to JavaScript', async () => {
    const annotation = '{"__proto__":"x"}'
    const raw = JSON.stringify({
      critical: {
        image: { 'docker-manifest-digest': image.digest },
        type: 'cosign container image signature',
      },
      optional: JSON.parse(annotation),
    })
    assert.ok((await single('sig', await signatures(await layer({ raw })), JSON.parse(annotation))).counts)
  })

  test('whatever log entries and timestamps stand beside it', async () => {
    const change = (json: JsonObject) => ({
      ...json,
      verificationMaterial: {
        publicKey: { hint: 'x' },
        tlogEntries: [{ logIndex: 'x' }],
        timestampVerificationData: { rfc3161Timestamps: [{ signedTimestamp: 'AAAA' }] },
      },
    })
    assert.ok((await single('referrer', await bundle({ bundle: change }))).counts)
  })

  test('beside others that do not', async () => {
    const manifest = await signatures(
      await layer({ keys: theirs }),
      await layer(),
      await layer({ signature: 'AAAA' }),
    )
    const { satisfied, signatures: found } = await verdict(graphWith('sig', manifest))
    assert.ok(satisfied)
    assert.deepEqual(
      found.map(({ counts }) => counts),
      [false, true, false],
    )
  })

  test('when its statement names other images too', async () => {
    const statement = (json: JsonObject) => ({
      ...json,
      subject: [{ digest: { sha256: '0' } }, { digest: { sha256: hexOf(image.digest) } }],
    })
    assert.ok((await single('referrer', await bundle({ statement }))).counts)
  })
})

describe('verifying', () => {
  test('finds nothing where nothing is, and is not satisfied by it', async () => {
    const graph = { root: image.root, manifests: new Map(), attached: [], warnings: [] }
    assert.deepEqual(await verdict(graph), {
      satisfied: false,
      signatures: [],
      lacking: [`no signature by the key sha256:${ours.hint}`],
    })
  })

  test('takes no attestation tag, SBOM or other referrer for a signature', async () => {
    const good = await signatures(await layer())
    for (const kind of ['att', 'sbom', 'referrer'] as const) {
      assert.deepEqual(await verdict(graphWith(kind, good)), {
        satisfied: false,
        signatures: [],
        lacking: [`no signature by the key sha256:${ours.hint}`],
      })
    }
  })

  test('does not count what is attached to a part of the image', async () => {
    const child = digestOf('child')
    for (const graph of [
      graphWith('sig', await signatures(await layer()), child),
      graphWith('referrer', await bundle(), child),
    ]) {
      assert.deepEqual(await verdict(graph), {
        satisfied: false,
        signatures: [],
        lacking: [`no signature by the key sha256:${ours.hint}`],
      })
    }
  })

  test('is satisfied and reads nothing where nobody has to sign', async () => {
    const lost = await signatures({ ...(await layer()), digest: digestOf('lost') })
    const result = await offlineVerifier().verify(graphWith('sig', lost), image.repository, {
      by: 'nobody',
    })
    assert.deepEqual(result, { satisfied: true, signatures: [], lacking: [] })
  })

  test('fails, and does not say "unsigned", when the repository does', async () => {
    const lost = await signatures({ ...(await layer()), digest: digestOf('lost') })
    await assert.rejects(
      () => verdict(graphWith('sig', lost)),
      (error) => error instanceof PromotionError && error.kind === 'registry',
    )
  })
})
