import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Digest } from '../../src/oci/digest.ts'
import { formatRepository, parseRepositoryName } from '../../src/oci/reference.ts'
import type { LookedAtImage } from '../../src/plan/assemble-plan.ts'
import { assembleTransfers } from '../../src/plan/assemble-transfers.ts'
import { buildImage } from '../builders/build-image.ts'
import { listedImage } from '../builders/listed-image.ts'

const [shared, own, others] = [Buffer.from('shared'), Buffer.from('own'), Buffer.from("other's")]
const image = buildImage({ seed: 'one', layers: [shared, own] })
const sibling = buildImage({ seed: 'two', layers: [shared, others] })

/** An image at a source, with what each target has of its blobs. */
function looked(
  built: typeof image,
  source: string,
  targets: Readonly<Record<string, readonly Digest[]>>,
): LookedAtImage {
  const { digest, manifest } = built
  return {
    image: listedImage(source, digest),
    graph: { root: manifest, manifests: new Map([[digest, manifest]]), attached: [], warnings: [] },
    targets: Object.entries(targets).map(([place, blobs]) => ({
      repository: parseRepositoryName(place),
      state: {
        manifests: new Set(),
        blobs: new Set(blobs),
        attachedTags: new Map(),
        referrers: new Set(),
        tags: new Map(),
      },
    })),
  }
}

function all(built: typeof image): readonly Digest[] {
  return built.blobs.map(({ descriptor }) => descriptor.digest)
}

/** Each transfer as `content: source -> target (mount from …)`. */
function written(images: readonly LookedAtImage[]): readonly string[] {
  const contents = new Map(
    [...image.blobs, ...sibling.blobs].map(({ descriptor, bytes }) => [descriptor.digest, String(bytes)]),
  )
  return assembleTransfers(images)
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
  assert.deepEqual(assembleTransfers([looked(image, 'dev.example/a', { 'prod.example/a': all(image) })]), [])
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
  assert.equal(assembleTransfers(images).length, 5)
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
