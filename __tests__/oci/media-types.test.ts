import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { digestOf } from '../../src/oci/digest.ts'
import {
  ACCEPTED_MANIFESTS,
  bareMediaType,
  isForeignLayer,
  isIndexType,
  isManifestType,
  MEDIA_TYPES,
} from '../../src/oci/media-types.ts'

test('the four manifest types are manifests, and two of them indexes', () => {
  assert.deepEqual(ACCEPTED_MANIFESTS.filter(isManifestType), ACCEPTED_MANIFESTS)
  assert.deepEqual(ACCEPTED_MANIFESTS.filter(isIndexType), [MEDIA_TYPES.ociIndex, MEDIA_TYPES.dockerIndex])
  assert.equal(isManifestType(MEDIA_TYPES.ociConfig), false)
  assert.equal(isManifestType(`${MEDIA_TYPES.ociManifest}x`), false)
})

test('a Content-Type is read without its parameters and without regard to case', () => {
  assert.equal(bareMediaType('Application/VND.oci.image.index.v1+JSON ; charset=utf-8'), MEDIA_TYPES.ociIndex)
  assert.equal(bareMediaType(''), '')
})

describe('a layer is kept elsewhere', () => {
  const digest = digestOf('layer')
  const urls = ['https://vendor.example/layer']

  for (const mediaType of [
    'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip',
    'application/vnd.oci.image.layer.nondistributable.v1.tar',
    'application/vnd.oci.image.layer.nondistributable.v1.tar+gzip',
    'application/vnd.oci.image.layer.nondistributable.v1.tar+zstd',
  ]) {
    test(`when it is ${mediaType} and says where, and only then`, () => {
      assert.equal(isForeignLayer({ mediaType, digest, size: 1, urls }), true)
      assert.equal(isForeignLayer({ mediaType, digest, size: 1, urls: [] }), false)
      assert.equal(isForeignLayer({ mediaType, digest, size: 1 }), false)
    })
  }

  test('not because its media type sounds like it', () => {
    for (const mediaType of [
      'application/vnd.oci.image.layer.v1.tar+gzip',
      'application/vnd.in-toto.foreign.x+json',
      'application/vnd.example.nondistributable.v1.tar',
    ])
      assert.equal(isForeignLayer({ mediaType, digest, size: 1, urls }), false)
  })
})
