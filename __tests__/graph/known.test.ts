import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { discoverGraph } from '../../src/graph/discover-graph.ts'
import { discoverImages } from '../../src/graph/discover-images.ts'
import type { ImageGraph } from '../../src/graph/image-graph.ts'
import type { Known } from '../../src/graph/known.ts'
import { attachedTag, fallbackTag, TAG_KINDS } from '../../src/oci/attached-tag.ts'
import { parseRepositoryName } from '../../src/oci/reference.ts'
import { buildImage } from '../builders/build-image.ts'
import { buildKeys } from '../builders/build-keys.ts'
import { buildCompleteSample } from '../builders/build-sample.ts'
import { listedImage } from '../builders/listed-image.ts'
import { putArtifact, putSample } from '../builders/memory-sample.ts'
import { problemsOf } from '../builders/problems-of.ts'
import { SOURCE, WatchedRegistries } from '../builders/watched-registries.ts'
import { WatchedRepository } from '../fakes/watched-repository.ts'

const sample = buildCompleteSample('known', buildKeys())
const root = sample.image.digest

function repositoryWithSample(): WatchedRepository {
  const repository = new WatchedRepository(parseRepositoryName('registry.example/team/app'))
  putSample(sample, repository, 'v1')
  return repository
}

/** The graph of the sample, and what was asked to find it. */
async function discover(known: Known, repository = repositoryWithSample()) {
  const graph = await discoverGraph(repository, root, known)
  assert.ok(graph)
  return { graph, asked: repository.asked }
}

function attachedTo(graph: ImageGraph): readonly string[] {
  return graph.attached
    .map(({ subject, kind, manifest }) => `${subject} ${kind} ${manifest.descriptor.digest}`)
    .toSorted()
}

const { graph: whole, asked: unaided } = await discover({})
const tagsOf = (asked: readonly string[]) => asked.filter((line) => line.startsWith('fetch sha256-'))

describe('a list of all tags', () => {
  test('spares the questions for those that do not exist, and loses nothing', async () => {
    const tags = new Set(repositoryWithSample().tags.keys())
    const { graph, asked } = await discover({ tags })
    assert.deepEqual(attachedTo(graph), attachedTo(whole))
    assert.deepEqual(
      tagsOf(asked).toSorted(),
      [...tags]
        .filter((tag) => tag !== 'v1')
        .map((tag) => `fetch ${tag}`)
        .toSorted(),
    )
    // Without the list every tag of every manifest is asked for.
    assert.equal(tagsOf(unaided).length, whole.manifests.size * TAG_KINDS.length)
  })

  test('is handed on to who lists referrers, so that fallback tags are not asked for either', async () => {
    const repository = repositoryWithSample()
    const tags = new Set([fallbackTag(root)])
    const handed: unknown[] = []
    const list = repository.listReferrers.bind(repository)
    repository.listReferrers = (subject, ...rest: readonly unknown[]) => {
      handed.push(rest[0])
      return list(subject)
    }
    await discover({ tags }, repository)
    assert.ok(handed.length > 0 && handed.every((one) => one === tags))
  })

  test('is asked for once for all images of a repository, and believed', async () => {
    const other = buildCompleteSample('another', buildKeys())
    const registries = new WatchedRegistries(sample, other)
    const { asked } = registries.at(SOURCE)
    const found = await discoverImages(
      [sample, other].map(({ image }) => listedImage(SOURCE, image.digest)),
      registries,
    )
    assert.deepEqual(
      found.map(({ graph }) => graph.attached.length),
      [sample.attached.length, other.attached.length],
    )
    assert.equal(asked.filter((line) => line.startsWith('tags ')).length, 1)
    assert.equal(tagsOf(asked).length, 12)
  })

  test('that shows no tag of a digest is not believed: each tag is asked for', async () => {
    class HidingRepository extends WatchedRepository {
      override async listTags(): Promise<ReadonlySet<string>> {
        return new Set(['v1'])
      }
    }
    const repository = new HidingRepository(parseRepositoryName(SOURCE))
    putSample(sample, repository, 'v1')
    const registries = { source: () => repository, target: () => repository }
    const [found] = await discoverImages([listedImage(SOURCE, root)], registries)
    assert.equal(found?.graph.attached.length, sample.attached.length)
  })
})

test('manifests that are known by their digest are not read, and what stands under tags is', async () => {
  const { graph, asked } = await discover({ manifests: whole.manifests })
  assert.deepEqual(attachedTo(graph), attachedTo(whole))
  assert.deepEqual([...graph.manifests.keys()], [...whole.manifests.keys()])
  assert.deepEqual(
    asked.filter((line) => line.startsWith('fetch sha256:')),
    [],
  )
  assert.equal(tagsOf(asked).length, tagsOf(unaided).length)
})

test('what tags pointed at a moment ago is not read again', async () => {
  const sig = whole.attached.find(({ subject, kind }) => subject === root && kind === 'sig')
  assert.ok(sig)
  const tag = attachedTag(root, 'sig')
  const { graph, asked } = await discover({ tagged: new Map([[tag, sig.manifest]]) })
  assert.deepEqual(attachedTo(graph), attachedTo(whole))
  assert.ok(!asked.includes(`fetch ${tag}`))
  assert.ok(asked.includes(`fetch ${attachedTag(root, 'att')}`))
})

test('only what hangs on the subjects that matter is asked for', async () => {
  const { graph, asked } = await discover({ subjects: new Set([root]) })
  assert.deepEqual(
    attachedTo(graph),
    attachedTo(whole).filter((line) => line.startsWith(root)),
  )
  assert.deepEqual(
    asked.filter((line) => line.startsWith('referrers ')),
    [`referrers ${root}`],
  )
})

describe('an index without a child', () => {
  const [missing, there] = sample.children
  assert.ok(missing && there)

  function broken(): WatchedRepository {
    const repository = repositoryWithSample()
    repository.manifests.delete(missing?.digest ?? root)
    return repository
  }

  test('is taken as it is where it is to be completed, with all that is attached to the rest', async () => {
    const { graph, asked } = await discover({ mayLackChildren: true }, broken())
    assert.ok(!graph.manifests.has(missing.digest) && graph.manifests.has(there.digest))
    assert.deepEqual(
      attachedTo(graph),
      attachedTo(whole).filter((line) => !line.startsWith(missing.digest)),
    )
    assert.ok(!asked.includes(`referrers ${missing.digest}`))
  })

  test('is refused anywhere else', async () => {
    const [error] = await problemsOf(() => discover({}, broken()))
    assert.equal(error?.kind, 'incomplete')
  })

  test('is refused all the same where the child is there with another size', async () => {
    const repository = broken()
    const other = buildImage({ seed: 'of another size', annotations: { padding: 'x' } })
    putArtifact(other, repository)
    repository.manifests.set(missing.digest, other.manifest)
    const [error] = await problemsOf(() => discover({ mayLackChildren: true }, repository))
    assert.match(error?.message ?? '', /has \d+ bytes, but .* lists it with/)
  })
})

test('what an index lists is not read where the image alone is of interest', async () => {
  const { graph, asked } = await discover({ alone: true, subjects: new Set([root]) })
  const [child] = sample.children
  assert.ok(child && !asked.includes(`fetch ${child.digest}`))
  assert.deepEqual(
    attachedTo(graph),
    attachedTo(whole).filter((line) => line.startsWith(root)),
  )
})
