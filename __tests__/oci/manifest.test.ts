import assert from 'node:assert/strict'
import { test } from 'node:test'
import { digestOf } from '../../src/oci/digest.ts'
import {
  bareDescriptor,
  blobsOf,
  type Manifest,
  makeImageManifest,
  makeIndexManifest,
  parseManifest,
  withDigest,
} from '../../src/oci/manifest.ts'
import { MEDIA_TYPES } from '../../src/oci/media-types.ts'
import { buildImage } from '../builders/build-image.ts'
import { buildIndex } from '../builders/build-index.ts'

const { ociManifest, ociIndex, dockerManifest, dockerIndex } = MEDIA_TYPES
const CONFIG = { mediaType: MEDIA_TYPES.ociConfig, digest: digestOf('config'), size: 6 }
const LAYER = { mediaType: 'application/vnd.oci.image.layer.v1.tar', digest: digestOf('layer'), size: 5 }
const CHILD = { mediaType: ociManifest, digest: digestOf('child'), size: 5 }
const IMAGE = { schemaVersion: 2, mediaType: ociManifest, config: CONFIG, layers: [LAYER] }
const INDEX = { schemaVersion: 2, mediaType: ociIndex, manifests: [CHILD] }

function parse(value: unknown, mediaType: string = ociManifest): Manifest {
  return parseManifest(
    Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)),
    mediaType,
    'it',
  )
}

function refused(message: RegExp): object {
  return { name: 'PromotionError', kind: 'registry', message }
}

test('reads an image: its blobs are the config, then the layers', () => {
  const manifest = parse(IMAGE)
  assert.equal(manifest.kind, 'image')
  assert.deepEqual(blobsOf(manifest), [CONFIG, LAYER])
})

test('reads an index: it has children and no blobs', () => {
  const manifest = parse(INDEX, ociIndex)
  assert.deepEqual(manifest.kind === 'index' && manifest.children, [CHILD])
  assert.deepEqual(blobsOf(manifest), [])
})

test('keeps every byte, and describes exactly these bytes', () => {
  const text = ` \n${JSON.stringify(IMAGE, undefined, 3)}\n\n`
  const { bytes, descriptor } = parse(text)
  assert.equal(Buffer.from(bytes).toString(), text)
  assert.deepEqual(descriptor, {
    mediaType: ociManifest,
    digest: digestOf(text),
    size: Buffer.byteLength(text),
  })
})

for (const header of [ociManifest, dockerManifest, 'text/plain', 'application/json', '']) {
  test(`takes an image by its own word where the header says "${header}"`, () => {
    assert.equal(parse(IMAGE, header).descriptor.mediaType, ociManifest)
  })
}

test('takes an index by its own word where the header says nothing of manifests', () => {
  assert.equal(parse(INDEX, 'text/plain').kind, 'index')
})

test('takes the header for the type of a manifest that does not name one', () => {
  const { mediaType: _, ...untyped } = IMAGE
  assert.equal(parse(untyped, dockerManifest).descriptor.mediaType, dockerManifest)
  assert.throws(() => parse(untyped, 'text/plain'), refused(/media type "text\/plain"/))
})

const CONFUSED: Readonly<Record<string, readonly [value: unknown, header: string, message: RegExp]>> = {
  'an index that also has layers': [{ ...INDEX, layers: [LAYER] }, ociIndex, /CVE-2021-41190/],
  'an index that also has a config': [{ ...INDEX, config: CONFIG }, ociIndex, /CVE-2021-41190/],
  'an image that also has manifests': [{ ...IMAGE, manifests: [CHILD] }, ociManifest, /CVE-2021-41190/],
  'an image that also has an empty list of manifests': [
    { ...IMAGE, manifests: [] },
    ociManifest,
    /CVE-2021-41190/,
  ],
  'an image with manifests that are null': [{ ...IMAGE, manifests: null }, ociManifest, /CVE-2021-41190/],
  'both without a media type, announced as an image': [
    { schemaVersion: 2, config: CONFIG, layers: [LAYER], manifests: [CHILD] },
    ociManifest,
    /CVE-2021-41190/,
  ],
  'an image announced as an index': [IMAGE, ociIndex, /announced as/],
  'an index announced as an image': [INDEX, ociManifest, /announced as/],
  'an index announced as a Docker image': [INDEX, dockerManifest, /announced as/],
  'a Docker list announced as an image': [{ ...INDEX, mediaType: dockerIndex }, ociManifest, /announced as/],
}

for (const [what, [value, header, message]] of Object.entries(CONFUSED)) {
  test(`refuses ${what}`, () => {
    assert.throws(() => parse(value, header), refused(message))
  })
}

const MALFORMED: Readonly<Record<string, readonly [value: unknown, message: RegExp]>> = {
  'an empty body': ['', /is not JSON/],
  HTML: ['<html></html>', /is not JSON/],
  'a list': [[IMAGE], /is not a JSON object/],
  null: ['null', /is not a JSON object/],
  'two values': [`${JSON.stringify(IMAGE)}${JSON.stringify(IMAGE)}`, /is not JSON/],
  'a Docker schema 1 manifest': [{ schemaVersion: 1, name: 'x' }, /schema 1/],
  'no schema version': [{ ...IMAGE, schemaVersion: undefined }, /no schemaVersion 2/],
  'a schema version as text': [{ ...IMAGE, schemaVersion: '2' }, /no schemaVersion 2/],
  'another media type': [
    { ...IMAGE, mediaType: 'application/vnd.oci.artifact.manifest.v1+json' },
    /no image or index/,
  ],
  'a media type that is no text': [{ ...IMAGE, mediaType: 2 }, /mediaType/],
  'no config': [{ ...IMAGE, config: undefined }, /^it: config is not an object$/],
  'layers that are no list': [{ ...IMAGE, layers: {} }, /^it: layers is not a list$/],
  'a malformed second layer': [
    { ...IMAGE, layers: [LAYER, { ...LAYER, size: -1 }] },
    /^it: layers\[1\] has the malformed size/,
  ],
  'a malformed subject': [
    { ...IMAGE, subject: { ...CHILD, digest: 'sha256:0' } },
    /^it: subject has the malformed digest/,
  ],
  'an annotation that is no text': [{ ...IMAGE, annotations: { a: true } }, /the annotation "a"/],
  'annotations that are a list': [{ ...IMAGE, annotations: ['a'] }, /annotations/],
  'an artifactType that is no text': [{ ...IMAGE, artifactType: 1 }, /artifactType/],
}

for (const [what, [value, message]] of Object.entries(MALFORMED)) {
  test(`refuses a manifest with ${what}`, () => {
    assert.throws(() => parse(value), refused(message))
  })
}

test('refuses bytes that are no UTF-8, which a decoder might silently replace', () => {
  const bytes = Buffer.concat([
    Buffer.from(JSON.stringify(IMAGE).slice(0, -1)),
    Buffer.from(',"x":"\xff"}', 'latin1'),
  ])
  assert.throws(() => parseManifest(bytes, ociManifest, 'it'), refused(/is not JSON/))
})

test('takes lists that are null or absent for empty ones, as Go writes them', () => {
  for (const layers of [null, undefined]) {
    const manifest = parse({ ...IMAGE, layers })
    assert.deepEqual(manifest.kind === 'image' && manifest.layers, [])
  }
  const index = parse({ ...INDEX, manifests: null }, ociIndex)
  assert.deepEqual(index.kind === 'index' && index.children, [])
})

test('an image is of the type of its config, unless it says another one', () => {
  assert.equal(parse(IMAGE).artifactType, CONFIG.mediaType)
  assert.equal(parse({ ...IMAGE, artifactType: '' }).artifactType, CONFIG.mediaType)
  assert.equal(parse({ ...IMAGE, artifactType: 'application/x' }).artifactType, 'application/x')
  assert.equal(parse(INDEX, ociIndex).artifactType, undefined)
  assert.equal(parse({ ...INDEX, artifactType: 'application/x' }, ociIndex).artifactType, 'application/x')
})

test('reads the subject and the annotations of both kinds', () => {
  for (const [value, header] of [
    [IMAGE, ociManifest],
    [INDEX, ociIndex],
  ] as const) {
    const manifest = parse({ ...value, subject: CHILD, annotations: { a: '1' } }, header)
    assert.deepEqual(manifest.subject, CHILD)
    assert.deepEqual(manifest.annotations, { a: '1' })
    assert.equal(parse({ ...value, subject: null }, header).subject, undefined)
  }
})

test('checks the bytes against the digest they were asked by, in its algorithm', () => {
  const manifest = parse(IMAGE)
  const long = digestOf(manifest.bytes, 'sha512')
  assert.equal(withDigest(manifest, long, 'it').descriptor.digest, long)
  assert.equal(
    withDigest(manifest, manifest.descriptor.digest, 'it').descriptor.size,
    manifest.bytes.byteLength,
  )
  assert.throws(
    () => withDigest(manifest, digestOf('other'), 'it'),
    refused(/^it has the digest sha256:\w+ instead of sha256:/),
  )
  assert.throws(() => withDigest(manifest, digestOf('other', 'sha512'), 'it'), refused(/instead of sha512:/))
})

test('writes an image manifest in the usual order, its subject bare', () => {
  const subject = { ...CHILD, annotations: { a: '1' }, platform: { os: 'linux', architecture: 'amd64' } }
  const parts = {
    config: CONFIG,
    layers: [LAYER],
    artifactType: 'application/x',
    subject,
    annotations: { b: '2' },
  }
  const manifest = makeImageManifest(parts)
  const text = Buffer.from(manifest.bytes).toString()
  assert.deepEqual(Object.keys(JSON.parse(text)), [
    'schemaVersion',
    'mediaType',
    'artifactType',
    'config',
    'layers',
    'subject',
    'annotations',
  ])
  assert.deepEqual(manifest.subject, bareDescriptor(subject))
  assert.deepEqual(JSON.parse(text).subject, CHILD)
  assert.deepEqual(parse(text), manifest)
})

test('writes no property that has nothing to say', () => {
  const bare = Buffer.from(
    makeImageManifest({ config: CONFIG, layers: [], annotations: {} }).bytes,
  ).toString()
  assert.deepEqual(Object.keys(JSON.parse(bare)), ['schemaVersion', 'mediaType', 'config', 'layers'])
  assert.equal(
    Buffer.from(makeIndexManifest([], {}).bytes).toString(),
    `{"schemaVersion":2,"mediaType":"${ociIndex}","manifests":[]}`,
  )
})

test('what the builders make is read back as it was made', () => {
  const image = buildImage({ seed: 'one', annotations: { a: '1' } })
  const index = buildIndex([image, buildIndex([buildImage({ seed: 'two' })])])
  for (const manifest of index.manifests) {
    assert.deepEqual(parseManifest(manifest.bytes, manifest.descriptor.mediaType, 'it'), manifest)
  }
  assert.equal(index.manifests.length, 4)
})
