import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ImageGraph } from '../../src/graph/image-graph.ts'
import { parseRepositoryName } from '../../src/oci/reference.ts'
import { askForBlobs, blobsOfTargets, HeldBlobs } from '../../src/plan/held-blobs.ts'
import type { LookedAtImage } from '../../src/plan/look-at-image.ts'
import { buildImage } from '../builders/build-image.ts'
import type { BuiltArtifact } from '../builders/built-artifact.ts'
import { listedImage } from '../builders/listed-image.ts'
import { putArtifact } from '../builders/memory-sample.ts'
import { WatchedRegistries } from '../builders/watched-registries.ts'

const [shared, own, others] = ['shared', 'own', "other's"].map((text) => Buffer.from(text))
assert.ok(shared && own && others)
const one = buildImage({ seed: 'one', layers: [shared, own] })
const two = buildImage({ seed: 'two', layers: [shared, others] })
const TARGET = 'prod.example/app'
const ELSEWHERE = 'eu.example/app'
const name = parseRepositoryName(TARGET)

function graphOf({ manifest, digest }: BuiltArtifact): ImageGraph {
  return { root: manifest, manifests: new Map([[digest, manifest]]), attached: [], warnings: [] }
}

/** An image on its way to targets, of which some have it. */
function looked(image: BuiltArtifact, targets: Readonly<Record<string, 'there' | 'absent'>>): LookedAtImage {
  return {
    image: listedImage('dev.example/app', image.digest),
    graph: graphOf(image),
    tags: [],
    targets: Object.entries(targets).map(([place, is]) => ({
      repository: parseRepositoryName(place),
      state: { graph: is === 'there' ? graphOf(image) : undefined, tags: new Map() },
    })),
  }
}

/** The blobs of an image that the target is not known to have. */
function lacking(image: BuiltArtifact, held: HeldBlobs): readonly string[] {
  const blobs = image.blobs.filter(({ descriptor }) => !held.has(name, descriptor))
  return digestsOf(blobs)
}

function digestsOf(blobs: BuiltArtifact['blobs']): readonly string[] {
  return blobs.map(({ descriptor }) => descriptor.digest)
}

test('a repository has what was said of it, and no other one has', () => {
  const held = new HeldBlobs()
  const [blob, other] = one.blobs.map(({ descriptor }) => descriptor)
  assert.ok(blob && other)
  held.find(name, blob)
  assert.deepEqual(
    [held.has(name, blob), held.has(name, other), held.has({ ...name, path: 'other' }, blob)],
    [true, false, false],
  )
})

test('a manifest that a target has stands for its blobs, in that target and for all images there', () => {
  const images = [
    looked(one, { [TARGET]: 'there', [ELSEWHERE]: 'absent' }),
    looked(two, { [TARGET]: 'absent' }),
  ]
  const held = blobsOfTargets(images)
  for (const { descriptor } of one.blobs) {
    assert.ok(held.has(name, descriptor))
    assert.ok(!held.has(parseRepositoryName(ELSEWHERE), descriptor))
  }
  const sharedDigest = one.blobs[1]?.descriptor.digest
  assert.deepEqual(
    lacking(two, held),
    digestsOf(two.blobs).filter((digest) => digest !== sharedDigest),
  )
})

test('each blob that a target is not known to have is asked for once, and no other', async () => {
  const registries = new WatchedRegistries()
  const target = registries.at(TARGET)
  const three = buildImage({ seed: 'three', layers: [others] })
  putArtifact(three, target)
  const images = [
    looked(one, { [TARGET]: 'there' }),
    looked(two, { [TARGET]: 'absent', [ELSEWHERE]: 'absent' }),
  ]
  const held = blobsOfTargets([...images, looked(two, { [TARGET]: 'absent' })])
  await askForBlobs([...images, looked(two, { [TARGET]: 'absent' })], held, registries)
  const [config, sharedLayer, othersLayer] = digestsOf(two.blobs)
  // The shared layer too: what names it may be broken itself, and this manifest is still to be written.
  assert.deepEqual(
    target.asked,
    [config, sharedLayer, othersLayer].map((digest) => `has ${digest}`),
  )
  assert.deepEqual(
    registries.at(ELSEWHERE).asked,
    [config, sharedLayer, othersLayer].map((digest) => `has ${digest}`),
  )
  // The layer came there with another image.
  assert.deepEqual(lacking(two, held), [config])
})

test('a target that does not answer is an error', async () => {
  const registries = new WatchedRegistries()
  registries.at(TARGET).hasBlob = () => Promise.reject(new Error('no answer'))
  const images = [looked(one, { [TARGET]: 'absent' })]
  await assert.rejects(() => askForBlobs(images, new HeldBlobs(), registries), /no answer/)
})
