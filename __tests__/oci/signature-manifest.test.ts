import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PromotionError } from '../../src/errors.ts'
import type { Annotations, Descriptor } from '../../src/oci/descriptor.ts'
import { digestOf } from '../../src/oci/digest.ts'
import { makeImageManifest, makeIndexManifest } from '../../src/oci/manifest.ts'
import { MEDIA_TYPES } from '../../src/oci/media-types.ts'
import { mergeLayers, type SignatureManifest } from '../../src/oci/signature-manifest.ts'

function layer(payload: string, annotations: Annotations): Descriptor {
  return {
    mediaType: MEDIA_TYPES.simpleSigning,
    digest: digestOf(payload),
    size: Buffer.byteLength(payload),
    annotations,
  }
}

const alice = layer('payload', { signature: 'by alice', bundle: 'entry' })
const bob = layer('payload', { signature: 'by bob' })
const carol = layer('another payload', { signature: 'by carol' })

function merged(...parameters: Parameters<typeof mergeLayers>): SignatureManifest {
  const result = mergeLayers(...parameters)
  assert.ok(result)
  return result
}

test('makes a manifest where none is', () => {
  const { manifest, config } = merged(undefined, { layers: [alice] })
  assert.deepEqual(manifest.layers, [alice])
  assert.equal(manifest.config.digest, digestOf(config))
  assert.equal(manifest.config.size, config.byteLength)
  assert.equal(manifest.config.mediaType, MEDIA_TYPES.ociConfig)
  assert.deepEqual(JSON.parse(Buffer.from(config).toString()).rootfs, {
    type: 'layers',
    diff_ids: [alice.digest],
  })
})

test('keeps what stands there first, with its annotations, and adds what is missing', () => {
  const current = merged(undefined, { layers: [alice] }).manifest
  const { manifest, config } = merged(current, { layers: [bob, alice, carol] })
  assert.deepEqual(manifest.layers, [alice, bob, carol])
  assert.deepEqual(JSON.parse(Buffer.from(config).toString()).rootfs.diff_ids, [
    alice.digest,
    bob.digest,
    carol.digest,
  ])
})

test('tells signatures over one payload apart by their annotations', () => {
  const current = merged(undefined, { layers: [bob] }).manifest
  assert.deepEqual(merged(current, { layers: [alice] }).manifest.layers, [bob, alice])
})

test('has nothing to do where nothing is missing, whatever the order', () => {
  const current = merged(undefined, { layers: [alice, bob, carol] }).manifest
  const reordered = { ...alice, annotations: { bundle: 'entry', signature: 'by alice' } }
  assert.equal(mergeLayers(current, { layers: [carol, reordered] }), undefined)
  assert.equal(mergeLayers(current, { layers: [] }), undefined)
  assert.equal(mergeLayers(undefined, { layers: [] }), undefined)
})

test('adds a layer once that is wanted twice', () => {
  assert.deepEqual(merged(undefined, { layers: [alice, alice] }).manifest.layers, [alice])
})

test('keeps annotations, subject and artifact type of the manifest that stands there', () => {
  const subject = { mediaType: MEDIA_TYPES.ociManifest, digest: digestOf('image'), size: 5 }
  const current = makeImageManifest({
    config: { mediaType: MEDIA_TYPES.ociConfig, digest: digestOf('{}'), size: 2 },
    layers: [alice],
    artifactType: 'application/x',
    subject,
    annotations: { a: 'theirs', b: 'theirs' },
  })
  const { manifest } = merged(current, { layers: [bob], annotations: { b: 'ours', c: 'ours' } })
  assert.deepEqual(manifest.annotations, { a: 'theirs', b: 'theirs', c: 'ours' })
  assert.deepEqual(manifest.subject, subject)
  assert.equal(manifest.artifactType, 'application/x')
})

test('writes no artifact type that nobody gave', () => {
  const current = merged(undefined, { layers: [alice] }).manifest
  const text = Buffer.from(merged(current, { layers: [bob] }).manifest.bytes).toString()
  assert.doesNotMatch(text, /artifactType/)
})

test('refuses to write over an index', () => {
  assert.throws(
    () => mergeLayers(makeIndexManifest([]), { layers: [alice] }),
    (error) => error instanceof PromotionError && error.kind === 'conflict',
  )
})
