import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Descriptor } from '../../src/oci/descriptor.ts'
import { formatRepository, parseRepositoryName } from '../../src/oci/reference.ts'
import { assembleTransfers } from '../../src/plan/assemble-transfers.ts'
import { HeldBlobs } from '../../src/plan/held-blobs.ts'
import type { LookedAtImage } from '../../src/plan/look-at-image.ts'
import type { BlobTransfer } from '../../src/plan/plan.ts'
import { buildImage } from '../builders/build-image.ts'
import { listedImage } from '../builders/listed-image.ts'

const [shared, own, others] = [Buffer.from('shared'), Buffer.from('own'), Buffer.from("other's")]
const image = buildImage({ seed: 'one', layers: [shared, own] })
const sibling = buildImage({ seed: 'two', layers: [shared, others] })

/** An image at a source, and what each target has of its blobs. */
interface Scene {
  readonly looked: LookedAtImage
  readonly targets: Readonly<Record<string, readonly Descriptor[]>>
}

function looked(built: typeof image, source: string, targets: Scene['targets']): Scene {
  const { digest, manifest } = built
  const graph = { root: manifest, manifests: new Map([[digest, manifest]]), attached: [], warnings: [] }
  const repositories = Object.keys(targets).map((place) => ({
    repository: parseRepositoryName(place),
    state: { graph: undefined, tags: new Map() },
  }))
  return { looked: { image: listedImage(source, digest), graph, tags: [], targets: repositories }, targets }
}

function all(built: typeof image): readonly Descriptor[] {
  return built.blobs.map(({ descriptor }) => descriptor)
}

function transfers(scenes: readonly Scene[]): readonly BlobTransfer[] {
  const held = new HeldBlobs()
  for (const [place, blobs] of scenes.flatMap(({ targets }) => Object.entries(targets)))
    for (const blob of blobs) held.find(parseRepositoryName(place), blob)
  return assembleTransfers(
    scenes.map((scene) => scene.looked),
    held,
  )
}

/** Each transfer as `content: source -> target (mount from …)`. */
function written(scenes: readonly Scene[]): readonly string[] {
  const contents = new Map(
    [...image.blobs, ...sibling.blobs].map(({ descriptor, bytes }) => [descriptor.digest, String(bytes)]),
  )
  return transfers(scenes)
    .filter(({ blob }) => blob.mediaType.endsWith('tar'))
    .map(({ blob, source, targets }) => {
      const to = targets.map(({ repository, mountFrom }) =>
        [formatRepository(repository), ...(mountFrom ? [`from ${formatRepository(mountFrom)}`] : [])].join(
          ' ',
        ),
      )
      return `${contents.get(blob.digest)}: ${formatRepository(source)} -> ${to.join(', ')}`
    })
}

test('a blob that all have is not moved', () => {
  assert.deepEqual(transfers([looked(image, 'dev.example/a', { 'prod.example/a': all(image) })]), [])
})

test('each blob is read once, however many images and targets lack it', () => {
  const images = [
    looked(image, 'dev.example/a', { 'prod.example/x': [], 'eu.example/x': [] }),
    looked(sibling, 'dev.example/b', { 'prod.example/x': [], 'eu.example/x': [] }),
  ]
  assert.deepEqual(written(images), [
    'shared: dev.example/a -> prod.example/x, eu.example/x',
    'own: dev.example/a -> prod.example/x, eu.example/x',
    "other's: dev.example/b -> prod.example/x, eu.example/x",
  ])
  assert.equal(transfers(images).length, 5)
})

describe('a blob is mounted', () => {
  test('from its source on the same registry', () => {
    assert.deepEqual(written([looked(image, 'one.example/dev', { 'one.example/prod': [] })]), [
      'shared: one.example/dev -> one.example/prod from one.example/dev',
      'own: one.example/dev -> one.example/prod from one.example/dev',
    ])
  })

  test('from the source of another image that shares it', () => {
    const images = [
      looked(image, 'dev.example/a', { 'prod.example/a': [] }),
      looked(sibling, 'prod.example/b', { 'elsewhere.example/b': all(sibling) }),
    ]
    assert.equal(written(images)[0], 'shared: dev.example/a -> prod.example/a from prod.example/b')
  })

  test('from another target repository of the registry that has it', () => {
    const images = [
      looked(image, 'dev.example/a', { 'prod.example/a': all(image) }),
      looked(sibling, 'dev.example/b', { 'prod.example/b': [] }),
    ]
    assert.deepEqual(written(images), [
      'shared: dev.example/a -> prod.example/b from prod.example/a',
      "other's: dev.example/b -> prod.example/b",
    ])
  })

  test('from the first of several repositories on one registry that lack it', () => {
    const targets = { 'prod.example/a': [], 'eu.example/a': [], 'prod.example/b': [], 'prod.example/c': [] }
    assert.equal(
      written([looked(image, 'dev.example/a', targets)])[0],
      'shared: dev.example/a -> prod.example/a, eu.example/a, prod.example/b from prod.example/a, prod.example/c from prod.example/a',
    )
  })

  test('never from another registry', () => {
    const targets = { 'prod.example/a': all(image), 'eu.example/a': [] }
    assert.equal(
      written([looked(image, 'dev.example/a', targets)])[0],
      'shared: dev.example/a -> eu.example/a',
    )
  })
})
