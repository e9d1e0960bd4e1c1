import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { attachedTag, type TagKind } from '../../src/oci/attached-tag.ts'
import { digestOf } from '../../src/oci/digest.ts'
import { type Manifest, makeIndexManifest } from '../../src/oci/manifest.ts'
import { parseRepositoryName } from '../../src/oci/reference.ts'
import { mergeLayers } from '../../src/oci/signature-manifest.ts'
import { assemblePlan, type LookedAtImage, type TagRules } from '../../src/plan/assemble-plan.ts'
import { blobsOfGraph, type TargetState } from '../../src/plan/look-at-target.ts'
import type { PlannedTarget } from '../../src/plan/plan.ts'
import { isEmpty } from '../../src/plan/plan-totals.ts'
import { buildSbom, buildSignatures } from '../builders/build-attached.ts'
import { buildKeys } from '../builders/build-keys.ts'
import { buildCompleteSample } from '../builders/build-sample.ts'
import { listedImage } from '../builders/listed-image.ts'
import { graphOfSample } from '../builders/memory-sample.ts'

const sample = buildCompleteSample('plan', buildKeys())
const graph = await graphOfSample(sample)
const other = await graphOfSample(buildCompleteSample('other', buildKeys()))
const root = sample.image.digest
const sig = attachedTag(root, 'sig')
const REFUSE: TagRules = { tags: ['v1'], existingTags: 'refuse' }
const MOVE: TagRules = { tags: ['v1'], existingTags: 'move' }

const EMPTY: TargetState = {
  manifests: new Set(),
  blobs: new Set(),
  attachedTags: new Map(),
  referrers: new Set(),
  tags: new Map(),
}

/** A target that has all of the sample, `v1` included. */
const COMPLETE: TargetState = {
  manifests: new Set(graph.manifests.keys()),
  blobs: new Set(blobsOfGraph(graph).map(({ digest }) => digest)),
  attachedTags: new Map(
    graph.attached.flatMap(({ subject, kind, manifest }) =>
      kind === 'referrer' ? [] : [[attachedTag(subject, kind), manifest]],
    ),
  ),
  referrers: new Set(
    graph.attached
      .filter(({ kind }) => kind === 'referrer')
      .map(({ manifest }) => manifest.descriptor.digest),
  ),
  tags: new Map([['v1', root]]),
}

function looked(state: TargetState, image = graph, line = 1): LookedAtImage {
  const { digest } = image.root.descriptor
  const targets = [{ repository: parseRepositoryName('prod.example/app'), state }]
  return { image: listedImage('dev.example/app', digest, line), graph: image, targets }
}

function planned(state: TargetState, rules: TagRules = { tags: [], existingTags: 'refuse' }) {
  const { plan, problems } = assemblePlan([looked(state)], rules)
  const target = plan.images[0]?.targets[0]
  assert.ok(target)
  return { plan, target, problems }
}

/** The complete target, but for what stands under one attached tag. */
function standing(kind: TagKind, manifest: Manifest | undefined): TargetState {
  const tag = attachedTag(root, kind)
  const others = [...COMPLETE.attachedTags].filter(([name]) => name !== tag)
  return { ...COMPLETE, attachedTags: new Map(manifest ? [...others, [tag, manifest]] : others) }
}

function sourceSig(): Manifest {
  const manifest = COMPLETE.attachedTags.get(sig)
  assert.ok(manifest)
  return manifest
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
    [...COMPLETE.attachedTags.keys()].map((tag) => [tag, 'create']).toSorted(),
  )
  assert.deepEqual(new Set(digestsOf(target.referrers)), COMPLETE.referrers)
  assert.deepEqual(target.tags, [{ tag: 'v1', action: 'create' }])
  assert.equal(plan.blobs.length, blobsOfGraph(graph).length)
  assert.deepEqual(target.present, { manifests: 0, blobs: 0, bytes: 0 })
})

test('mends a target that an earlier run left without a layer: that one blob and nothing else', () => {
  const [lost, ...rest] = blobsOfGraph(graph)
  const blobs = new Set(rest.map(({ digest }) => digest))
  const { plan, target } = planned({ ...COMPLETE, blobs }, REFUSE)
  assert.deepEqual(
    plan.blobs.map(({ blob }) => blob),
    [lost],
  )
  assert.deepEqual([...target.manifests, ...target.attachedTags, ...target.referrers], [])
})

test('lists again a referrer that is there and not listed', () => {
  const [lost, ...rest] = COMPLETE.referrers
  const { target } = planned({ ...COMPLETE, referrers: new Set(rest) })
  assert.deepEqual(digestsOf(target.referrers), [lost])
  assert.deepEqual(target.manifests, [])
})

describe('under an attached tag', () => {
  const foreign = buildSignatures(sample.image.descriptor, [{ keys: buildKeys() }]).manifest

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
      const { target, problems } = planned(standing(kind, foreign))
      assert.deepEqual(problems, [])
      assert.deepEqual(
        target.attachedTags.map(({ tag, action }) => [tag, action]),
        [[attachedTag(root, kind), 'merge']],
      )
    })
  }

  test('a .sig that was merged before needs nothing', () => {
    const source = sourceSig()
    const merged = source.kind === 'image' ? mergeLayers(foreign, source)?.manifest : undefined
    assert.deepEqual(planned(standing('sig', merged)).target.attachedTags, [])
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

describe('two images for one tag', () => {
  test('are refused on the line of the second, and both are named', () => {
    const { problems } = assemblePlan([looked(EMPTY), looked(EMPTY, other, 7)], MOVE)
    assert.deepEqual(
      problems.map(({ kind, location }) => [kind, location?.line]),
      [['input', 7]],
    )
    for (const part of ['prod.example/app:v1', root, other.root.descriptor.digest])
      assert.ok(problems[0]?.message.includes(part))
  })

  test('are fine without tags, in different repositories, and when they are the same image', () => {
    const elsewhere = {
      ...looked(EMPTY, other),
      targets: [{ repository: parseRepositoryName('prod.example/other'), state: EMPTY }],
    }
    assert.deepEqual(assemblePlan([looked(EMPTY), looked(EMPTY, other)], { ...MOVE, tags: [] }).problems, [])
    assert.deepEqual(assemblePlan([looked(EMPTY), elsewhere], MOVE).problems, [])
    assert.deepEqual(assemblePlan([looked(EMPTY), looked(EMPTY)], MOVE).problems, [])
  })
})

test('the problems of all images and targets come together', () => {
  const elsewhere = { ...EMPTY, tags: new Map([['v1', digestOf('elsewhere')]]) }
  const { problems } = assemblePlan([looked(elsewhere), looked(elsewhere, other, 2)], REFUSE)
  assert.deepEqual(
    problems.map(({ kind }) => kind),
    ['conflict', 'conflict', 'input'],
  )
})

test('says how much of an image a target has and how much it lacks', () => {
  const [layer] = blobsOfGraph(graph)
  assert.ok(layer)
  const blobs = new Set([...COMPLETE.blobs].filter((digest) => digest !== layer.digest))
  const { present, missing } = planned({ ...COMPLETE, blobs }).target
  assert.deepEqual(missing, { manifests: 0, blobs: 1, bytes: layer.size })
  const all = planned(EMPTY).target
  assert.deepEqual(all.present, { manifests: 0, blobs: 0, bytes: 0 })
  assert.deepEqual(all.missing, {
    manifests: present.manifests,
    blobs: present.blobs + 1,
    bytes: present.bytes + layer.size,
  })
})
