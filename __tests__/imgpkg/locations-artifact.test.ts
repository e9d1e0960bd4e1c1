import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { makeLocationsArtifact, readLocationsArtifact } from '../../src/imgpkg/locations-artifact.ts'
import { digestOf } from '../../src/oci/digest.ts'
import { MEDIA_TYPES } from '../../src/oci/media-types.ts'
import { parsePinnedReference } from '../../src/oci/reference.ts'
import { buildBundle } from '../builders/build-bundle.ts'
import { BuiltArtifact } from '../builders/built-artifact.ts'
import { memoryImage } from '../builders/memory-image.ts'
import { putArtifact } from '../builders/memory-sample.ts'
import { problemsOf } from '../builders/problems-of.ts'

const LOCATIONS = [
  { image: parsePinnedReference(`r.example/a@sha256:${'1'.repeat(64)}`), isBundle: false },
  { image: parsePinnedReference(`r.example/b@sha256:${'2'.repeat(64)}`), isBundle: true },
]

test('is an image of the form that imgpkg writes, without the label of a bundle', async () => {
  const { manifest, blobs } = await makeLocationsArtifact(LOCATIONS)
  const [config, layer] = blobs
  assert.ok(config && layer && manifest.kind === 'image')
  assert.deepEqual(JSON.parse(Buffer.from(manifest.bytes).toString()), {
    schemaVersion: 2,
    mediaType: MEDIA_TYPES.dockerManifest,
    config: config.descriptor,
    layers: [layer.descriptor],
  })
  assert.equal(config.descriptor.mediaType, 'application/vnd.docker.container.image.v1+json')
  assert.equal(layer.descriptor.mediaType, 'application/vnd.docker.image.rootfs.diff.tar.gzip')
  const tar = gunzipSync(layer.bytes)
  assert.deepEqual(JSON.parse(Buffer.from(config.bytes).toString()), {
    architecture: '',
    created: '0001-01-01T00:00:00Z',
    history: [{ author: 'imgpkg', created: '0001-01-01T00:00:00Z', created_by: 'imgpkg' }],
    os: '',
    rootfs: { type: 'layers', diff_ids: [digestOf(tar)] },
    config: {},
  })
  for (const { descriptor, bytes } of blobs) assert.equal(digestOf(bytes), descriptor.digest)
})

test('holds one file that only its owner reads, of root and without a date', async () => {
  const { blobs } = await makeLocationsArtifact(LOCATIONS)
  const tar = gunzipSync(blobs[1]?.bytes ?? '')
  const [folder, file] = [tar.subarray(0, 512), tar.subarray(512, 1024)].map((header) => ({
    name: header.toString('ascii', 0, 100).replace(/\0.*/, ''),
    mode: Number.parseInt(header.toString('ascii', 100, 107), 8),
    owner: [
      Number.parseInt(header.toString('ascii', 108, 115), 8),
      Number.parseInt(header.toString('ascii', 116, 123), 8),
    ],
    time: Number.parseInt(header.toString('ascii', 136, 147), 8),
  }))
  assert.deepEqual(folder, { name: '.', mode: 0o700, owner: [0, 0], time: 0 })
  assert.deepEqual(file, { name: 'image-locations.yml', mode: 0o600, owner: [0, 0], time: 0 })
})

test('gives the same bytes for the same locations in whatever order, and reads what it wrote', async () => {
  const one = await makeLocationsArtifact(LOCATIONS)
  const other = await makeLocationsArtifact(LOCATIONS.toReversed())
  assert.deepEqual(one.manifest.bytes, other.manifest.bytes)
  const { repository } = await memoryImage()
  putArtifact(
    new BuiltArtifact(one.manifest, {
      blobs: one.blobs.map((blob) => ({ ...blob, bytes: Buffer.from(blob.bytes) })),
    }),
    repository,
  )
  assert.deepEqual(await readLocationsArtifact(one.manifest, repository), LOCATIONS)
})

test('refuses an image of another form, and one without the note', async () => {
  const { repository, root } = await memoryImage()
  const [problem] = await problemsOf(() => readLocationsArtifact(root, repository))
  assert.match(problem?.message ?? '', /does not have the one small layer that image locations have$/)
  const bundle = buildBundle([])
  putArtifact(bundle, repository)
  const [lacking] = await problemsOf(() => readLocationsArtifact(bundle.manifest, repository))
  assert.match(lacking?.message ?? '', /has no image-locations\.yml$/)
})
