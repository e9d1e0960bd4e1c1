import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { blobsOfGraph } from '../../src/graph/blobs-of-graph.ts'
import { discoverGraph } from '../../src/graph/discover-graph.ts'
import { attachedTag, type TagKind } from '../../src/oci/attached-tag.ts'
import type { Descriptor } from '../../src/oci/descriptor.ts'
import { digestOf } from '../../src/oci/digest.ts'
import { type Manifest, makeIndexManifest } from '../../src/oci/manifest.ts'
import { parseRepositoryName } from '../../src/oci/reference.ts'
import { assemblePlan } from '../../src/plan/assemble-plan.ts'
import { blobsOfTargets, HeldBlobs } from '../../src/plan/held-blobs.ts'
import type { LookedAtImage } from '../../src/plan/look-at-image.ts'
import type { TargetState } from '../../src/plan/look-at-target.ts'
import type { PlannedTarget } from '../../src/plan/plan.ts'
import { isEmpty } from '../../src/plan/plan-totals.ts'
import { buildSbom, buildSignatures } from '../builders/build-attached.ts'
import { buildKeys } from '../builders/build-keys.ts'
import { buildCompleteSample } from '../builders/build-sample.ts'
import { listedImage } from '../builders/listed-image.ts'
import { graphOfSample, putSample } from '../builders/memory-sample.ts'
import { mergedManifest } from '../builders/merged-manifest.ts'
import { MemoryRepository } from '../fakes/memory-repository.ts'

const sample = buildCompleteSample('plan', buildKeys())
const graph = await graphOfSample(sample)
const other = await graphOfSample(buildCompleteSample('other', buildKeys()))
const root = sample.image.digest
const sig = attachedTag(root, 'sig')
const REFUSE = { tags: ['v1'], existingTags: 'refuse' } as const
const UNTAGGED = { tags: [], existingTags: 'refuse' } as const
const TARGET = parseRepositoryName('prod.example/app')
const MOVE = { tags: ['v1'], existingTags: 'move' } as const

const EMPTY: TargetState = { graph: undefined, tags: new Map() }

/** A target that has all of the sample, `v1` included. */
const COMPLETE = { graph, tags: new Map([['v1', root]]) }

function looked(
  state: TargetState,
  image = graph,
  line = 1,
  tags: readonly string[] = ['v1'],
): LookedAtImage {
  const { digest } = image.root.descriptor
  const targets = [{ repository: TARGET, state }]
  return { image: listedImage('dev.example/app', digest, line), graph: image, tags, targets }
}

/** The plan where a target has this, and these blobs of an unfinished copy beside it. */
function planned(
  state: TargetState,
  rules: typeof REFUSE | typeof MOVE | typeof UNTAGGED = UNTAGGED,
  beside: readonly Descriptor[] = [],
) {
  const images = [looked(state, graph, 1, rules.tags)]
  const held = blobsOfTargets(images)
  for (const blob of beside) held.find(TARGET, blob)
  const { plan, problems } = assemblePlan(images, held, rules)
  const target = plan.images[0]?.targets[0]
  assert.ok(target)
  return { plan, target, problems }
}

/** The complete target, but for what stands under one attached tag. */
function standing(kind: TagKind, manifest: Manifest | undefined): TargetState {
  const others = graph.attached.filter((one) => one.subject !== root || one.kind !== kind)
  const attached = manifest === undefined ? others : [...others, { subject: root, kind, manifest }]
  return { ...COMPLETE, graph: { ...graph, attached } }
}

function sourceSig(): Manifest {
  const found = graph.attached.find(({ subject, kind }) => subject === root && kind === 'sig')
  assert.ok(found)
  return found.manifest
}

/** What is attached by a tag, or by being listed. */
function attached(how: 'by tag' | 'listed') {
  return graph.attached.filter(({ kind }) => (kind === 'referrer') === (how === 'listed'))
}

function digestsOf(manifests: PlannedTarget['manifests']) {
  return manifests.map(({ descriptor }) => descriptor.digest)
}

test('there is nothing to do for a complete target', () => {
  const { plan, target, problems } = planned(COMPLETE, REFUSE)
  assert.deepEqual(problems, [])
  assert.ok(isEmpty(plan))
  assert.deepEqual(target.tags, [{ tag: 'v1', action: 'keep' }])
  assert.equal(target.present.manifests, graph.manifests.size)
  assert.equal(target.present.blobs, blobsOfGraph(graph).length)
  assert.equal(target.there, graph)
})

test('an empty target gets all: manifests in the order of the graph, attached tags, listings and tags', () => {
  const { plan, target, problems } = planned(EMPTY, REFUSE)
  assert.deepEqual(problems, [])
  const byTag = new Set(target.attachedTags.map(({ artifact }) => artifact.manifest.descriptor.digest))
  assert.deepEqual(
    digestsOf(target.manifests),
    [...graph.manifests.keys()].filter((digest) => !byTag.has(digest)),
  )
  assert.deepEqual(
    target.attachedTags.map(({ tag, action }) => [tag, action]).toSorted(),
    attached('by tag')
      .map(({ subject, kind }) => [kind === 'referrer' ? '' : attachedTag(subject, kind), 'create'])
      .toSorted(),
  )
  assert.deepEqual(
    digestsOf(target.referrers),
    attached('listed').map(({ manifest }) => manifest.descriptor.digest),
  )
  assert.equal(target.there, undefined)
  assert.deepEqual(target.tags, [{ tag: 'v1', action: 'create' }])
  assert.equal(plan.blobs.length, blobsOfGraph(graph).length)
  assert.deepEqual(target.present, { manifests: 0, blobs: 0, bytes: 0 })
})

test('a child of an index that stands under an attached tag as well is pushed before the index', async () => {
  const [first, second] = sample.children
  assert.ok(first && second)
  const repository = new MemoryRepository(parseRepositoryName('dev.example/app'))
  putSample(sample, repository)
  repository.tags.set(attachedTag(second.digest, 'att'), first.digest)
  const found = await discoverGraph(repository, root)
  assert.ok(found)
  const target = assemblePlan([looked(EMPTY, found)], new HeldBlobs(), REFUSE).plan.images[0]?.targets[0]
  assert.ok(target)
  const order = digestsOf(target.manifests)
  assert.ok(order.includes(first.digest) && order.indexOf(first.digest) < order.indexOf(root))
  assert.ok(target.attachedTags.some(({ artifact }) => artifact.manifest.descriptor.digest === first.digest))
})

test('mends a target that an earlier run left without a layer: that one blob and all manifests', () => {
  const [lost, ...rest] = blobsOfGraph(graph)
  const { plan, target } = planned(EMPTY, REFUSE, rest)
  assert.deepEqual(
    plan.blobs.map(({ blob }) => blob),
    [lost],
  )
  const byTag = target.attachedTags.map(({ artifact }) => artifact.manifest)
  assert.deepEqual(new Set(digestsOf([...target.manifests, ...byTag])), new Set(graph.manifests.keys()))
})

test('lists again a referrer that is there and not listed', () => {
  const [lost] = attached('listed')
  assert.ok(lost)
  const rest = graph.attached.filter((one) => one !== lost)
  const { target } = planned({ ...COMPLETE, graph: { ...graph, attached: rest } })
  assert.deepEqual(digestsOf(target.referrers), [lost.manifest.descriptor.digest])
  assert.deepEqual(target.manifests, [])
})

describe('under an attached tag', () => {
  const foreign = buildSignatures(sample.image.descriptor, [{ keys: buildKeys() }])

  test('the same manifest is left alone', () => {
    assert.deepEqual(planned(standing('sig', sourceSig())).target.attachedTags, [])
  })

  test('nothing becomes the manifest of the source', () => {
    const { attachedTags } = planned(standing('sig', undefined)).target
    assert.deepEqual(
      attachedTags.map(({ tag, action }) => [tag, action]),
      [[sig, 'create']],
    )
  })

  for (const kind of ['sig', 'att'] as const) {
    test(`somebody else's .${kind} is merged`, () => {
      const { target, problems } = planned(standing(kind, foreign.manifest))
      assert.deepEqual(problems, [])
      assert.deepEqual(
        target.attachedTags.map(({ tag, action }) => [tag, action]),
        [[attachedTag(root, kind), 'merge']],
      )
    })
  }

  test('a .sig that was merged before needs nothing', async () => {
    const source = sourceSig()
    assert.ok(source.kind === 'image')
    const { manifest } = await mergedManifest(foreign, source)
    assert.deepEqual(planned(standing('sig', manifest)).target.attachedTags, [])
  })

  for (const [what, state] of [
    ['another .sbom', standing('sbom', buildSbom(sample.image.descriptor, 'another').manifest)],
    ['an index where a .sig belongs', standing('sig', makeIndexManifest([]))],
  ] as const) {
    test(`${what} is a conflict, on the line of the image`, () => {
      const { problems } = planned(state)
      assert.deepEqual(
        problems.map(({ kind, location }) => [kind, location?.line]),
        [['conflict', 1]],
      )
      assert.match(problems[0]?.message ?? '', /^prod\.example\/app:sha256-.* already holds another artifact/)
    })
  }
})

describe('a tag that exists', () => {
  const elsewhere = { ...COMPLETE, tags: new Map([['v1', digestOf('elsewhere')]]) }

  test('and points elsewhere is refused, with both digests in the message', () => {
    const { problems } = planned(elsewhere, REFUSE)
    assert.deepEqual(
      problems.map(({ kind }) => kind),
      ['conflict'],
    )
    assert.equal(
      problems[0]?.message,
      `prod.example/app:v1 points at ${digestOf('elsewhere')} already, not at ${root}`,
    )
    assert.equal(problems[0]?.location?.file, 'images.yml')
  })

  test('and points elsewhere is moved where that is allowed, and the plan knows from where', () => {
    const { target, problems } = planned(elsewhere, MOVE)
    assert.deepEqual(problems, [])
    assert.deepEqual(target.tags, [{ tag: 'v1', action: 'move', previous: digestOf('elsewhere') }])
  })

  test('and points at the image is kept, even where it must not move', () => {
    assert.deepEqual(planned(COMPLETE, REFUSE).problems, [])
  })
})

test('the problems of all images and targets come together', () => {
  const elsewhere = { ...EMPTY, tags: new Map([['v1', digestOf('elsewhere')]]) }
  const images = [looked(elsewhere), looked(elsewhere, other, 2)]
  const { problems } = assemblePlan(images, new HeldBlobs(), REFUSE)
  assert.deepEqual(
    problems.map(({ kind }) => kind),
    ['conflict', 'conflict', 'input'],
  )
})

test('says how much of an image a target has and how much it lacks', () => {
  const [layer, ...rest] = blobsOfGraph(graph)
  assert.ok(layer)
  const half = planned(EMPTY, REFUSE, rest).target
  const bytes = rest.reduce((sum, { size }) => sum + size, 0)
  assert.deepEqual(half.present, { manifests: 0, blobs: rest.length, bytes })
  const { present, missing } = planned(COMPLETE).target
  assert.deepEqual(missing, { manifests: 0, blobs: 0, bytes: 0 })
  const all = planned(EMPTY).target
  assert.deepEqual(all.present, { manifests: 0, blobs: 0, bytes: 0 })
  assert.deepEqual(all.missing, present)
})
