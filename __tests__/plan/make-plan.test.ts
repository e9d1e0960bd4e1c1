import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { blobsOfGraph } from '../../src/graph/blobs-of-graph.ts'
import { attachedTag } from '../../src/oci/attached-tag.ts'
import { digestOf } from '../../src/oci/digest.ts'
import { formatRepository } from '../../src/oci/reference.ts'
import type { PlanSettings } from '../../src/plan/make-plan.ts'
import { isEmpty } from '../../src/plan/plan-totals.ts'
import { buildKeys } from '../builders/build-keys.ts'
import { buildCompleteSample } from '../builders/build-sample.ts'
import { listedImage } from '../builders/listed-image.ts'
import { madePlan } from '../builders/made-plan.ts'
import { graphOfSample, putSample } from '../builders/memory-sample.ts'
import { problemsOf } from '../builders/problems-of.ts'
import { SOURCE, WatchedRegistries } from '../builders/watched-registries.ts'

const sample = buildCompleteSample('make a plan', buildKeys())
const graph = await graphOfSample(sample)
const root = sample.image.digest
const TARGET = 'prod.example/app'
const TARGETS = ['prod.example/{name}', 'eu.example/mirror']
const LISTED = [listedImage(SOURCE, root, 4)]
const SETTINGS: PlanSettings = { to: TARGETS, tags: ['v1'], existingTags: 'refuse', imgpkgTags: false }

/** Registries with the sample at the source, and in these places. */
function registriesWith(...places: readonly string[]): WatchedRegistries {
  const registries = new WatchedRegistries(sample)
  for (const place of places) putSample(sample, registries.at(place), 'v1')
  return registries
}

test('plans every image for every target, in the order of the inputs, and writes nothing', async () => {
  const registries = registriesWith()
  const { images } = await madePlan(LISTED, SETTINGS, registries, 'ask for blobs')
  assert.deepEqual(
    images[0]?.targets.map(({ repository }) => formatRepository(repository)),
    ['prod.example/app', 'eu.example/mirror'],
  )
  for (const place of [SOURCE, 'prod.example/app', 'eu.example/mirror'])
    assert.deepEqual(registries.at(place).writes, [])
})

for (const questions of ['ask for blobs', 'ask while uploading'] as const) {
  test(`finds nothing to do where all targets are complete (${questions})`, async () => {
    const registries = registriesWith(TARGET, 'eu.example/mirror')
    assert.ok(isEmpty(await madePlan(LISTED, SETTINGS, registries, questions)))
    assert.deepEqual(registries.at(TARGET).askedFor('has', 'whole'), [])
  })
}

describe('blobs of an image that a target does not have', () => {
  const [held] = blobsOfGraph(graph)
  assert.ok(held)

  /** A target with one blob out of an interrupted copy. */
  function interrupted(): WatchedRegistries {
    const registries = registriesWith()
    const bytes = registries.at(SOURCE).blobs.get(held?.digest ?? root)
    assert.ok(held && bytes)
    registries.at(TARGET).blobs.set(held.digest, bytes)
    return registries
  }

  test('are asked for, each once, for a plan that is shown: it is exact', async () => {
    const registries = interrupted()
    const plan = await registries.plan([TARGET], {}, 'ask for blobs')
    const asked = registries.at(TARGET).askedFor('has')
    assert.deepEqual(
      asked.toSorted(),
      blobsOfGraph(graph)
        .map(({ digest }) => `has ${digest}`)
        .toSorted(),
    )
    assert.ok(!plan.blobs.some(({ blob }) => blob.digest === held.digest))
    assert.equal(plan.images[0]?.targets[0]?.present.blobs, 1)
  })

  test('are all asked for where manifests that are there are not relied on', async () => {
    const registries = registriesWith(TARGET)
    const target = registries.at(TARGET)
    assert.ok(target.blobs.delete(held.digest))
    assert.ok(isEmpty(await registries.plan([TARGET], {}, 'ask for blobs')))
    assert.deepEqual(target.askedFor('has'), [])
    const plan = await registries.plan([TARGET], {}, 'ask for every blob')
    assert.equal(target.askedFor('has').length, blobsOfGraph(graph).length)
    assert.deepEqual(
      plan.blobs.map(({ blob }) => blob.digest),
      [held.digest],
    )
    assert.deepEqual(plan.images[0]?.targets[0]?.manifests, [])
  })

  test('are not asked for in a plan that is applied: uploading them asks', async () => {
    const registries = interrupted()
    const plan = await registries.plan([TARGET], {}, 'ask while uploading')
    assert.deepEqual(registries.at(TARGET).askedFor('has', 'whole'), [])
    assert.equal(plan.blobs.length, blobsOfGraph(graph).length)
  })
})

describe('manifests that a target has', () => {
  test('are not read from the source again, but what its tags point at is', async () => {
    const registries = registriesWith(TARGET)
    await registries.plan([TARGET])
    const { asked } = registries.at(SOURCE)
    assert.deepEqual(
      asked.filter((line) => line.startsWith('fetch sha256:')),
      [],
    )
    assert.ok(asked.includes(`fetch ${attachedTag(root, 'sig')}`))
    assert.ok(asked.includes(`referrers ${root}`))
  })

  test('spare the source also where another target has none', async () => {
    const registries = registriesWith(TARGET)
    const plan = await registries.plan([TARGET, 'eu.example/mirror'])
    assert.deepEqual(
      registries.at(SOURCE).asked.filter((line) => line.startsWith('fetch sha256:')),
      [],
    )
    assert.equal(plan.images[0]?.targets[1]?.manifests.length, graph.manifests.size - attachedOnly())
  })

  /** Manifests that are pushed by their tag alone. */
  function attachedOnly(): number {
    const byTag = graph.attached.filter(({ kind }) => kind !== 'referrer')
    return new Set(byTag.map(({ manifest }) => manifest.descriptor.digest)).size
  }
})

test('a signature that only the source has is found although the target has the image', async () => {
  const registries = registriesWith(TARGET)
  const tag = attachedTag(root, 'sig')
  assert.ok(registries.at(TARGET).tags.delete(tag))
  const [image] = (await registries.plan([TARGET])).images
  assert.deepEqual(
    image?.targets[0]?.attachedTags.map((change) => [change.tag, change.action]),
    [[tag, 'create']],
  )
})

test('an index without a child at the target is completed: only what it lacks there is sent', async () => {
  const registries = registriesWith(TARGET)
  const target = registries.at(TARGET)
  const [child] = sample.children
  const config = child?.blobs[0]?.descriptor.digest
  assert.ok(child && config && target.manifests.delete(child.digest) && target.blobs.delete(config))
  const plan = await registries.plan([TARGET], {}, 'ask for blobs')
  const planned = plan.images[0]?.targets[0]
  assert.ok(planned)
  // The other child has the same layers.
  assert.deepEqual(
    plan.blobs.map(({ blob }) => blob.digest),
    [config],
  )
  assert.ok(planned.manifests.some(({ descriptor }) => descriptor.digest === child.digest))
  assert.ok(!planned.manifests.some(({ descriptor }) => descriptor.digest === root))
  // What hangs on the child is looked for again when it is written.
  for (const { artifact } of planned.attachedTags) assert.equal(artifact.subject, child.digest)
})

test('throws all problems of the targets together', async () => {
  const registries = registriesWith()
  for (const place of [TARGET, 'eu.example/mirror']) {
    putSample(buildCompleteSample('older', buildKeys()), registries.at(place), 'v1')
  }
  const problems = await problemsOf(() => madePlan(LISTED, SETTINGS, registries, 'ask while uploading'))
  assert.deepEqual(
    problems.map(({ kind, location }) => [kind, location?.line]),
    [
      ['conflict', 4],
      ['conflict', 4],
    ],
  )
})

test('all images that are not at the source are told together, each on its line', async () => {
  const listed = ['gone', 'gone too'].map((text, index) => listedImage(SOURCE, digestOf(text), index + 3))
  const plan = () => madePlan([...LISTED, ...listed], SETTINGS, registriesWith(), 'ask while uploading')
  assert.deepEqual(
    (await problemsOf(plan)).map(({ kind, location }) => [kind, location?.line]),
    [
      ['input', 3],
      ['input', 4],
    ],
  )
})

test('a part that is neither at the source nor at a target is an error, though the target has the image', async () => {
  const registries = registriesWith(TARGET)
  const [child] = sample.children
  for (const place of [SOURCE, TARGET]) registries.at(place).manifests.delete(child?.digest ?? root)
  const [error] = await problemsOf(() => registries.plan([TARGET]))
  assert.equal(error?.kind, 'incomplete')
})

test('two targets that are one repository for an image end it on the line of the image', async () => {
  const to = ['prod.example/{name}', TARGET]
  const plan = () => madePlan(LISTED, { ...SETTINGS, to }, registriesWith(), 'ask while uploading')
  assert.deepEqual(
    (await problemsOf(plan)).map(({ kind, location }) => [kind, location?.line]),
    [['input', 4]],
  )
})
