import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { PromotionError } from '../../src/errors.ts'
import { discoverGraph, requireGraph } from '../../src/graph/discover-graph.ts'
import { attachedTag } from '../../src/oci/attached-tag.ts'
import type { Descriptor } from '../../src/oci/descriptor.ts'
import { type Digest, digestOf } from '../../src/oci/digest.ts'
import { type Manifest, makeImageManifest, makeIndexManifest } from '../../src/oci/manifest.ts'
import { MEDIA_TYPES } from '../../src/oci/media-types.ts'
import { parseRepositoryName } from '../../src/oci/reference.ts'
import { buildReferrer } from '../builders/build-attached.ts'
import { buildImage } from '../builders/build-image.ts'
import { buildIndex } from '../builders/build-index.ts'
import { buildKeys } from '../builders/build-keys.ts'
import { buildCompleteSample } from '../builders/build-sample.ts'
import { BuiltArtifact, buildBlob } from '../builders/built-artifact.ts'
import { putArtifact, putSample } from '../builders/memory-sample.ts'
import { problemsOf } from '../builders/problems-of.ts'
import { MemoryRepository } from '../fakes/memory-repository.ts'

const name = parseRepositoryName('registry.example/team/app')
const sample = buildCompleteSample('graph', buildKeys())
const index = sample.image

/** Says 403 to every question about one tag or digest, or about its referrers. */
class ForbiddingRepository extends MemoryRepository {
  forbidden = ''

  override fetchManifest(reference: string): Promise<Manifest | undefined> {
    return this.#answer(reference, () => super.fetchManifest(reference))
  }

  override listReferrers(subject: Digest): Promise<readonly Descriptor[]> {
    return this.#answer(`referrers of ${subject}`, () => super.listReferrers(subject))
  }

  async #answer<T>(asked: string, answer: () => Promise<T>): Promise<T> {
    if (asked === this.forbidden) throw new PromotionError('registry', `403 for ${asked}`)
    return answer()
  }
}

/** Lists one more referrer of everything. */
class LyingRepository extends MemoryRepository {
  lie: Descriptor = index.descriptor

  override async listReferrers(subject: Digest): Promise<readonly Descriptor[]> {
    return subject === index.digest ? [...(await super.listReferrers(subject)), this.lie] : []
  }
}

function holding(...artifacts: readonly BuiltArtifact[]): MemoryRepository {
  const repository = new MemoryRepository(name)
  for (const artifact of artifacts) putArtifact(artifact, repository)
  return repository
}

async function discover(repository: MemoryRepository, digest: Digest) {
  const graph = await discoverGraph(repository, digest)
  assert.ok(graph)
  return graph
}

for (const hasReferrersApi of [true, false]) {
  test(`finds all of the complete sample ${hasReferrersApi ? 'with' : 'without'} the referrers API`, async () => {
    const repository = new MemoryRepository(name)
    repository.hasReferrersApi = hasReferrersApi
    putSample(sample, repository, 'v1')
    const graph = await discover(repository, index.digest)
    const expected = sample.attached.map(({ subject, kind, artifact }) => [subject, kind, artifact.digest])
    const found = graph.attached.map(({ subject, kind, manifest }) => [
      subject,
      kind,
      manifest.descriptor.digest,
    ])
    assert.deepEqual(found.map(String).toSorted(), expected.map(String).toSorted())
    assert.deepEqual([...graph.manifests.keys()].toSorted(), [...repository.manifests.keys()].toSorted())
    assert.deepEqual(graph.warnings, [])
  })
}

test('every manifest stands behind what it refers to: children before their index, a subject before its referrers', async () => {
  const repository = new MemoryRepository(name)
  putSample(sample, repository)
  const graph = await discover(repository, index.digest)
  const order = [...graph.manifests.keys()]
  for (const child of sample.children)
    assert.ok(order.indexOf(child.digest) < order.indexOf(graph.root.descriptor.digest))
  for (const { subject, manifest } of graph.attached)
    assert.ok(order.indexOf(subject) < order.indexOf(manifest.descriptor.digest))
})

test('the children of an attached index belong to the image too', async () => {
  const image = buildImage({ seed: 'image' })
  const child = buildImage({ seed: 'part of the attachment' })
  const repository = holding(image, buildIndex([child]))
  repository.tags.set(attachedTag(image.digest, 'sbom'), buildIndex([child]).digest)
  assert.ok((await discover(repository, image.digest)).manifests.has(child.digest))
})

test('a child that an index lists twice is in the graph once, and so is what is attached to it', async () => {
  const child = buildImage({ seed: 'child' })
  const twice = buildIndex([child, child])
  const referrer = buildReferrer(child.descriptor, 'application/x', 'about the child')
  const graph = await discover(holding(twice, referrer), twice.digest)
  assert.deepEqual([...graph.manifests.keys()], [child.digest, twice.digest, referrer.digest])
  assert.equal(graph.attached.length, 1)
})

test('an image that is not there is undefined, and an error where it has to be', async () => {
  const repository = new MemoryRepository(name)
  assert.equal(await discoverGraph(repository, index.digest), undefined)
  const [error] = await problemsOf(() => requireGraph(repository, index.digest, {}))
  assert.equal(error?.kind, 'input')
  assert.match(error?.message ?? '', new RegExp(`registry.example/team/app@${index.digest}.*404`))
})

test('a layer that is kept elsewhere is told, with the manifest that lists it', async () => {
  const config = buildBlob(MEDIA_TYPES.ociConfig, '{}')
  const layer = buildBlob('application/vnd.oci.image.layer.nondistributable.v1.tar', 'elsewhere')
  const urls = ['https://vendor.example/layer']
  for (const [descriptor, expected] of [
    [{ ...layer.descriptor, urls }, 1],
    [layer.descriptor, 0],
  ] as const) {
    const manifest = makeImageManifest({ config: config.descriptor, layers: [descriptor, config.descriptor] })
    const image = new BuiltArtifact(manifest, { blobs: [config] })
    const { warnings } = await discover(holding(image), image.digest)
    assert.equal(warnings.length, expected)
    if (expected > 0) assert.ok(warnings[0]?.includes(`: 1 of 2 layers of ${image.digest} not copied`))
  }
})

describe('a list of referrers is only a claim', () => {
  const stranger = buildReferrer(buildImage({ seed: 'other' }).descriptor, 'application/x', 'about another')
  for (const [what, lie, why] of [
    ['has another subject', stranger.descriptor, /which is not its subject: left out/],
    ['is not there', { ...stranger.descriptor, digest: digestOf('gone') }, /has no such manifest: left out/],
    ['has no subject', index.descriptor, /which is not its subject: left out/],
  ] as const) {
    test(`a listed referrer that ${what} is left out with a warning`, async () => {
      const repository = new LyingRepository(name)
      putSample(sample, repository)
      putArtifact(stranger, repository)
      repository.lie = lie
      const graph = await discover(repository, index.digest)
      assert.equal(graph.warnings.length, 1)
      assert.match(graph.warnings[0] ?? '', why)
      assert.ok(graph.warnings[0]?.includes(`registry.example/team/app lists ${lie.digest}`))
      assert.ok(!graph.attached.some(({ manifest }) => manifest.descriptor.digest === lie.digest))
    })
  }
})

describe('an image that is not whole is refused', () => {
  test('when a child is missing, which is named with its platform', async () => {
    const repository = new MemoryRepository(name)
    putSample(sample, repository)
    const child = sample.children[1]?.digest
    assert.ok(child && repository.manifests.delete(child))
    const [error] = await problemsOf(() => discoverGraph(repository, index.digest))
    assert.equal(error?.kind, 'incomplete')
    assert.ok(error?.message.includes(`${child} (linux/arm64/v8), which is not there`))
  })

  test('when an index lists a child with another size', async () => {
    const child = buildImage({ seed: 'child' })
    const root = makeIndexManifest([{ ...child.descriptor, size: child.descriptor.size + 1 }])
    const repository = holding(child)
    repository.manifests.set(root.descriptor.digest, root)
    const [error] = await problemsOf(() => discoverGraph(repository, root.descriptor.digest))
    assert.equal(error?.kind, 'incomplete')
    assert.match(error?.message ?? '', /has \d+ bytes, but .* lists it with/)
  })
})

describe('a question without a clear answer is never taken for "there is none"', () => {
  const [child] = sample.children
  const deep = sample.attached.at(-1)?.artifact.digest
  assert.ok(child && deep)
  const questions = [
    index.digest,
    child.digest,
    ...[index.digest, child.digest, deep].flatMap((digest) => [
      attachedTag(digest, 'sig'),
      attachedTag(digest, 'att'),
      attachedTag(digest, 'sbom'),
      `referrers of ${digest}`,
    ]),
    deep,
  ]
  for (const [number, question] of questions.entries()) {
    test(`question ${number}: ${question.replace(/[0-9a-f]{56}(?=[0-9a-f]{8})/, '…')}`, async () => {
      const repository = new ForbiddingRepository(name)
      putSample(sample, repository)
      repository.forbidden = question
      const [error] = await problemsOf(() => discoverGraph(repository, index.digest))
      assert.equal(error?.message, `403 for ${question}`)
    })
  }
})

describe('what an index lists', () => {
  /** Remembers what manifests it was asked for. */
  class AskedRepository extends MemoryRepository {
    readonly asked: string[] = []

    override fetchManifest(reference: string): Promise<Manifest | undefined> {
      this.asked.push(reference)
      return super.fetchManifest(reference)
    }
  }

  test('is fetched once, however often it is listed', async () => {
    const child = buildImage({ seed: 'child' })
    const inner = buildIndex([child, child])
    const outer = buildIndex([inner, child, child, inner])
    const repository = new AskedRepository(name)
    putArtifact(outer, repository)
    await discover(repository, outer.digest)
    for (const { digest } of [outer, inner, child])
      assert.equal(repository.asked.filter((asked) => asked === digest).length, 1)
  })

  test('has to have the size that each entry says', async () => {
    const child = buildImage({ seed: 'child' })
    const lie = { ...child.descriptor, size: child.descriptor.size + 1 }
    const root = makeIndexManifest([child.descriptor, lie])
    const repository = holding(child)
    repository.manifests.set(root.descriptor.digest, root)
    const [error] = await problemsOf(() => discoverGraph(repository, root.descriptor.digest))
    assert.match(error?.message ?? '', /has \d+ bytes, but .* lists it with/)
  })

  test('is refused before the first is fetched when it is more than any image has', async () => {
    const entries = Array.from({ length: 5000 }, (_, number) => ({
      mediaType: MEDIA_TYPES.ociManifest,
      digest: digestOf(`${number}`),
      size: 1,
    }))
    const root = makeIndexManifest(entries)
    const repository = new AskedRepository(name)
    repository.manifests.set(root.descriptor.digest, root)
    const [error] = await problemsOf(() => discoverGraph(repository, root.descriptor.digest))
    assert.match(error?.message ?? '', /more than 5000 manifests/)
    assert.deepEqual(repository.asked, [root.descriptor.digest])
  })
})

test('manifests that stand under many tags are counted under each', async () => {
  const large = buildImage({ seed: 'large', annotations: { padding: 'x'.repeat(4_000_000) } })
  const children = Array.from({ length: 17 }, (_, number) => buildImage({ seed: `${number}` }))
  const image = buildIndex(children)
  const repository = holding(image, large)
  for (const { digest } of children) repository.tags.set(attachedTag(digest, 'att'), large.digest)
  const [error] = await problemsOf(() => discoverGraph(repository, image.digest))
  assert.match(error?.message ?? '', /more than 64 MiB of manifests/)
})

describe('nesting has an end', () => {
  function nested(depth: number): BuiltArtifact {
    return depth === 0 ? buildImage({ seed: 'core' }) : buildIndex([nested(depth - 1)])
  }
  function chain(length: number): readonly BuiltArtifact[] {
    const links = [buildImage({ seed: 'root' })]
    for (let link = 0; link < length; link++) {
      const subject = links.at(-1)?.descriptor
      if (subject) links.push(buildReferrer(subject, 'application/x', `link ${link}`))
    }
    return links
  }

  test('four indexes inside each other are followed, a fifth is refused', async () => {
    const four = nested(4)
    assert.equal((await discover(holding(four), four.digest)).manifests.size, 5)
    const five = nested(5)
    const [error] = await problemsOf(() => discoverGraph(holding(five), five.digest))
    assert.equal(error?.kind, 'incomplete')
    assert.match(error?.message ?? '', /nested too deeply/)
  })

  test('three attachments upon each other are followed, a fourth is refused', async () => {
    const [root, ...three] = chain(3)
    assert.ok(root)
    assert.equal((await discover(holding(root, ...three), root.digest)).attached.length, 3)
    const [error] = await problemsOf(() => discoverGraph(holding(...chain(4)), root.digest))
    assert.equal(error?.kind, 'incomplete')
    assert.match(error?.message ?? '', /nested too deeply/)
  })
})
