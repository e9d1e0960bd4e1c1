import assert from 'node:assert/strict'
import { test } from 'node:test'
import { makeArtifact } from '../../src/oci/artifact.ts'
import { digestOf } from '../../src/oci/digest.ts'
import { blobsOf } from '../../src/oci/manifest.ts'
import { MEDIA_TYPES } from '../../src/oci/media-types.ts'

const TYPE = 'application/vnd.example.note'
const CONTENT = Buffer.from('a note')
const SUBJECT = { mediaType: MEDIA_TYPES.ociIndex, digest: digestOf('an image'), size: 7 }

test('refers to exactly the blobs that come with it, the empty config first', () => {
  const { manifest, blobs } = makeArtifact({ type: TYPE, content: CONTENT })
  assert.deepEqual(
    blobs.map(({ descriptor }) => descriptor),
    blobsOf(manifest),
  )
  assert.deepEqual(
    blobs.map(({ bytes }) => [digestOf(bytes), bytes.byteLength]),
    blobsOf(manifest).map(({ digest, size }) => [digest, size]),
  )
  assert.deepEqual(blobs[0]?.descriptor, { mediaType: MEDIA_TYPES.ociEmpty, digest: digestOf('{}'), size: 2 })
})

test('is of the type of its layer, and says no more than it was given', () => {
  const { manifest } = makeArtifact({ type: TYPE, content: CONTENT })
  const { artifactType, layers, subject, annotations } = manifest
  assert.deepEqual([artifactType, layers[0]?.mediaType, subject, annotations], [TYPE, TYPE, undefined, {}])
  assert.equal(layers[0]?.annotations, undefined)
})

test('keeps subject, annotations and the name of its file', () => {
  const annotations = { by: 'a tool' }
  const parts = { type: TYPE, content: CONTENT, subject: SUBJECT, annotations, file: 'note.json' }
  const { manifest } = makeArtifact(parts)
  assert.deepEqual([manifest.subject, manifest.annotations], [SUBJECT, annotations])
  assert.deepEqual(manifest.layers[0]?.annotations, { 'org.opencontainers.image.title': 'note.json' })
  assert.deepEqual(makeArtifact(parts).manifest.bytes, manifest.bytes)
})
