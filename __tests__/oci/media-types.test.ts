import assert from 'node:assert/strict'
import { test } from 'node:test'
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

test("Docker's foreign and OCI's non-distributable layers are foreign, the others are not", () => {
  assert.equal(isForeignLayer('application/vnd.docker.image.rootfs.foreign.diff.tar.gzip'), true)
  assert.equal(isForeignLayer('application/vnd.oci.image.layer.nondistributable.v1.tar+gzip'), true)
  assert.equal(isForeignLayer('application/vnd.oci.image.layer.v1.tar+gzip'), false)
})
