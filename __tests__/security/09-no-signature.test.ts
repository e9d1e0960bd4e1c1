import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { attachedTag } from '../../src/oci/attached-tag.ts'
import type { Annotations, Descriptor } from '../../src/oci/descriptor.ts'
import type { Digest } from '../../src/oci/digest.ts'
import { makeImageManifest } from '../../src/oci/manifest.ts'
import { MEDIA_TYPES } from '../../src/oci/media-types.ts'
import { buildAttestation, buildReferrer } from '../builders/build-attached.ts'
import { buildImage } from '../builders/build-image.ts'
import { buildKeys, type KeyPair } from '../builders/build-keys.ts'
import { buildBlob } from '../builders/built-artifact.ts'
import { type PromotionScene, SOURCE_PATH } from '../builders/promotion-scene.ts'
import { SELF_SIGNED } from '../builders/self-signed.ts'
import { signDsse, signPayload } from '../builders/sign-payload.ts'
import { requireRefused, unsignedScene } from './secure-scene.ts'

const SIGNATURE = 'dev.cosignproject.cosign/signature'
const CERTIFICATE = 'dev.sigstore.cosign/certificate'
const IMAGE = buildImage({ seed: 'signed or not' })
const OTHER = buildImage({ seed: 'another one' })

/** Puts layers under the .sig tag of the image. */
function putLayers(
  scene: PromotionScene,
  layers: readonly {
    readonly text: string
    readonly mediaType?: string
    readonly annotations: Annotations
  }[],
  subject: Descriptor = IMAGE.descriptor,
): void {
  const repository = scene.source.store.repository(SOURCE_PATH)
  const config = buildBlob(MEDIA_TYPES.ociConfig, '{}')
  const blobs = layers.map(({ text, mediaType = MEDIA_TYPES.simpleSigning }) => buildBlob(mediaType, text))
  for (const { bytes } of [config, ...blobs]) repository.putBlob(bytes)
  const described = blobs.map(({ descriptor }, index) => ({
    ...descriptor,
    annotations: layers[index]?.annotations ?? {},
  }))
  const manifest = makeImageManifest({ config: config.descriptor, layers: described })
  const digest = repository.putManifest(manifest.bytes, manifest.descriptor.mediaType)
  repository.tags.set(attachedTag(subject.digest, 'sig'), digest)
}

function payload(digest: string, optional: unknown = null): string {
  const critical = {
    identity: { 'docker-reference': '' },
    image: { 'docker-manifest-digest': digest },
    type: 'cosign container image signature',
  }
  return JSON.stringify({ critical, optional })
}

function signedBy(keys: KeyPair, text: string, annotations: Annotations = {}) {
  return { text, annotations: { [SIGNATURE]: signPayload(keys, text), ...annotations } }
}

/** A Sigstore bundle as a referrer, with a statement of one's own and anything in its verification material. */
function bundleOf(keys: KeyPair, statement: object, material: object = { publicKey: { hint: keys.hint } }) {
  const bundle = {
    mediaType: MEDIA_TYPES.sigstoreBundle,
    verificationMaterial: material,
    dsseEnvelope: signDsse(keys, JSON.stringify(statement)),
  }
  return buildReferrer(IMAGE.descriptor, MEDIA_TYPES.sigstoreBundle, JSON.stringify(bundle))
}

function statement(image: Digest, predicateType = 'https://sigstore.dev/cosign/sign/v1') {
  const subject = [{ digest: { sha256: image.slice('sha256:'.length) } }]
  return { _type: 'https://in-toto.io/Statement/v1', subject, predicateType, predicate: {} }
}

describe('9. What is no signature does not count as one', () => {
  for (const [what, why, hang] of [
    [
      'an attestation under the .att tag',
      /it has no signature/,
      ({ keys, source }) =>
        buildAttestation(IMAGE.descriptor, keys, 'https://example.com/any').putInto(
          source.store,
          SOURCE_PATH,
        ),
    ],
    [
      'an attestation in a Sigstore bundle',
      /it is an attestation/,
      ({ keys, source }) =>
        bundleOf(keys, statement(IMAGE.digest, 'https://slsa.dev/provenance/v1')).putInto(
          source.store,
          SOURCE_PATH,
        ),
    ],
    [
      'an attestation as a layer of the .sig',
      /is an attestation, not a signature/,
      (scene) =>
        putLayers(scene, [
          { ...signedBy(scene.keys, payload(IMAGE.digest)), mediaType: MEDIA_TYPES.dsseEnvelope },
        ]),
    ],
    [
      'a malformed payload',
      /a payload that is not a JSON object/,
      (scene) => putLayers(scene, [signedBy(scene.keys, `[${payload(IMAGE.digest)}]`)]),
    ],
    [
      'a payload of another type',
      /is of the type "cosign something else"/,
      (scene) =>
        putLayers(scene, [
          signedBy(scene.keys, payload(IMAGE.digest).replace('container image signature', 'something else')),
        ]),
    ],
    [
      'a payload about another image',
      /its signer signed the image .*, not this one/,
      (scene) => putLayers(scene, [signedBy(scene.keys, payload(OTHER.digest))]),
    ],
    [
      'a statement about another image',
      /its signer signed the image .*, not this one/,
      ({ keys, source }) => bundleOf(keys, statement(OTHER.digest)).putInto(source.store, SOURCE_PATH),
    ],
    ['a .sig without a layer', /it has no signature/, (scene) => putLayers(scene, [])],
    [
      'a layer without a signature',
      /the layer carries no signature/,
      (scene) => putLayers(scene, [{ text: payload(IMAGE.digest), annotations: {} }]),
    ],
    [
      'an envelope without a signature',
      /malformed|not by the key/,
      ({ source }) =>
        buildReferrer(
          IMAGE.descriptor,
          MEDIA_TYPES.sigstoreBundle,
          JSON.stringify({
            mediaType: MEDIA_TYPES.sigstoreBundle,
            verificationMaterial: { publicKey: { hint: '' } },
            dsseEnvelope: { payload: '', payloadType: 'application/vnd.in-toto+json', signatures: [] },
          }),
        ).putInto(source.store, SOURCE_PATH),
    ],
    [
      'a signature by another key',
      /not by the key of the policy/,
      (scene) => putLayers(scene, [signedBy(buildKeys(), payload(IMAGE.digest))]),
    ],
    [
      'a signature over what was changed since',
      /not by the key of the policy, or what it signs was changed/,
      (scene) =>
        putLayers(scene, [{ ...signedBy(scene.keys, payload(OTHER.digest)), text: payload(IMAGE.digest) }]),
    ],
    [
      'a key and a certificate in conflict on a layer',
      /made with a certificate, and the policy asks for a key/,
      (scene) =>
        putLayers(scene, [signedBy(scene.keys, payload(IMAGE.digest), { [CERTIFICATE]: SELF_SIGNED.cert })]),
    ],
    [
      'a key and a certificate in conflict in a bundle',
      /made with a certificate, and the policy asks for a key/,
      ({ keys, source }) => {
        const rawBytes = SELF_SIGNED.cert.split('\n').slice(1, -1).join('')
        const material = { publicKey: { hint: keys.hint }, certificate: { rawBytes } }
        bundleOf(keys, statement(IMAGE.digest), material).putInto(source.store, SOURCE_PATH)
      },
    ],
  ] as const satisfies readonly (readonly [string, RegExp, (scene: PromotionScene) => void])[]) {
    test(`${what} is refused`, async () => {
      await using scene = await unsignedScene(IMAGE)
      hang(scene)
      requireRefused(scene, await scene.run(), why)
    })
  }

  test('a signature that states another annotation, or none, is refused', async () => {
    for (const optional of [null, { stage: 'test' }, { stage: ['prod'] }, { Stage: 'prod' }]) {
      await using scene = await unsignedScene(IMAGE)
      putLayers(scene, [signedBy(scene.keys, payload(IMAGE.digest, optional))])
      requireRefused(scene, await scene.run({ 'require-annotations': 'stage=prod' }), /stage/)
    }
  })

  test('and the same helpers make one that counts, so that it is the difference that is refused', async () => {
    await using scene = await unsignedScene(IMAGE)
    putLayers(scene, [signedBy(scene.keys, payload(IMAGE.digest, { stage: 'prod' }))])
    bundleOf(scene.keys, statement(IMAGE.digest)).putInto(scene.source.store, SOURCE_PATH)
    const { exitCode, result } = await scene.run({ 'require-annotations': 'stage=prod' })
    assert.equal(exitCode, 0)
    assert.deepEqual(result.images[0]?.signatures.map(({ counts }) => counts).toSorted(), [false, true])
    assert.equal(
      (await scene.run({ tags: 'v2' })).result.images[0]?.signatures.every(({ counts }) => counts),
      true,
    )
  })
})
