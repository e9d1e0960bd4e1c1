import assert from 'node:assert/strict'
import { test } from 'node:test'
import { digestOf } from '../../src/oci/digest.ts'
import { blobsOf } from '../../src/oci/manifest.ts'
import { MEDIA_TYPES } from '../../src/oci/media-types.ts'
import { describeKind, kindsOf, type ManifestKind } from '../../src/preflight/manifest-kind.ts'
import { makeProbe } from '../../src/preflight/probe-artifact.ts'
import { buildKeys } from '../builders/build-keys.ts'
import { buildCompleteSample } from '../builders/build-sample.ts'

const SAMPLE = buildCompleteSample('probed', buildKeys())
const KINDS = kindsOf(
  [SAMPLE.image, ...SAMPLE.children, ...SAMPLE.attached.map(({ artifact }) => artifact)].map(
    ({ manifest }) => manifest,
  ),
)
const IMAGE: ManifestKind = {
  mediaType: MEDIA_TYPES.ociManifest,
  artifactType: undefined,
  config: MEDIA_TYPES.ociConfig,
  parts: [],
  hasSubject: false,
}
const DOCKER_IMAGE = { ...IMAGE, mediaType: MEDIA_TYPES.dockerManifest, config: MEDIA_TYPES.dockerConfig }
const DOCKER_INDEX = {
  ...IMAGE,
  mediaType: MEDIA_TYPES.dockerIndex,
  config: undefined,
  parts: [MEDIA_TYPES.dockerManifest],
}
const SUBJECT = makeProbe(IMAGE, { name: 'subject' }).manifest

test('manifests of the same make are one kind', () => {
  const [first, ...same] = SAMPLE.children.map(({ manifest }) => manifest)
  assert.ok(first && same.length > 0)
  assert.equal(kindsOf([first, ...same]).length, 1)
  assert.equal(new Set(KINDS.map(describeKind)).size, KINDS.length)
  assert.match(describeKind(KINDS[0] ?? IMAGE), /index\.v1\+json \(of application\/vnd\.oci\.image\.manifest/)
})

for (const kind of [...KINDS, DOCKER_IMAGE, DOCKER_INDEX]) {
  test(`a probe is of the kind that was asked for: ${describeKind(kind)}`, () => {
    const around = { name: 'probe', ...(kind.hasSubject && { subject: SUBJECT }) }
    const { manifest, blobs, children } = makeProbe(kind, around)
    assert.deepEqual(kindsOf([manifest]), [kind])
    const known = new Map(blobs.map(({ descriptor, bytes }) => [descriptor.digest, bytes]))
    for (const { digest, size } of blobsOf(manifest)) {
      const bytes = known.get(digest)
      assert.ok(bytes)
      assert.deepEqual([digestOf(bytes), bytes.byteLength], [digest, size])
    }
    const listed = manifest.kind === 'index' ? manifest.children.map(({ digest }) => digest) : []
    assert.deepEqual(
      listed,
      children.map((child) => child.manifest.descriptor.digest),
    )
    assert.notEqual(
      makeProbe(kind, { ...around, name: 'another' }).manifest.descriptor.digest,
      manifest.descriptor.digest,
    )
  })
}

test('an index lists an image that is probed anyway', () => {
  const others = [makeProbe(DOCKER_IMAGE, { name: 'probe' })]
  assert.deepEqual(makeProbe(DOCKER_INDEX, { name: 'probe', others }).children, others)
})
