import assert from 'node:assert/strict'
import { test } from 'node:test'
import { discoverImages } from '../../src/graph/discover-images.ts'
import { digestOf } from '../../src/oci/digest.ts'
import { buildImage } from '../builders/build-image.ts'
import { listedImage } from '../builders/listed-image.ts'
import { putArtifact } from '../builders/memory-sample.ts'
import { problemsOf } from '../builders/problems-of.ts'
import { MemoryRegistries } from '../fakes/memory-registries.ts'

const place = 'registry.example/team/app'

test('images are found where they are, in the order of the list', async () => {
  const registries = new MemoryRegistries()
  const images = ['one', 'two', 'three'].map((seed) => buildImage({ seed }))
  for (const image of images) putArtifact(image, registries.at(place))
  const found = await discoverImages(
    images.map(({ digest }) => listedImage(place, digest)),
    registries,
  )
  assert.deepEqual(
    found.map(({ graph }) => graph.root.descriptor.digest),
    images.map(({ digest }) => digest),
  )
})

test('all images that are missing are told together, each on its line', async () => {
  const registries = new MemoryRegistries()
  const there = buildImage({ seed: 'there' })
  putArtifact(there, registries.at(place))
  const listed = [digestOf('a'), there.digest, digestOf('b')].map((digest, line) =>
    listedImage(place, digest, line),
  )
  const problems = await problemsOf(() => discoverImages(listed, registries))
  assert.deepEqual(
    problems.map(({ kind, location }) => [kind, location?.line]),
    [
      ['input', 0],
      ['input', 2],
    ],
  )
})
