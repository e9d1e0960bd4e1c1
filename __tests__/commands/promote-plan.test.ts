import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { describe, test } from 'node:test'
import { formatSavedPlan } from '../../src/saved-plan/format-saved-plan.ts'
import type { SavedPlan } from '../../src/saved-plan/saved-plan.ts'
import { buildReferrer } from '../builders/build-attached.ts'
import { buildImage } from '../builders/build-image.ts'
import { locatedBundles, putBundle } from '../builders/bundle-scene.ts'
import { PlanScene } from '../builders/plan-scene.ts'
import { SOURCE_PATH, TARGET_PATH, writesTo } from '../builders/promotion-scene.ts'

/** The error of a run that applied the plan, which must have written nothing anywhere. */
async function refusal(plans: PlanScene, inputs?: Readonly<Record<string, string>>) {
  const { scene } = plans
  for (const { requests } of [scene.source, ...scene.targets]) requests.length = 0
  const { exitCode, result } = await plans.apply(inputs)
  assert.deepEqual([scene.source, ...scene.targets].flatMap(writesTo), [])
  return { exitCode, message: result.errors.map(({ message }) => message).join('\n') }
}

test('a saved plan is applied as it was approved, and a second time without a write', async () => {
  await using plans = await PlanScene.start([{}, {}])
  const planned = await plans.plan()
  assert.deepEqual([planned.exitCode, planned.result.errors], [2, []])
  assert.deepEqual(plans.scene.targets.flatMap(writesTo), [])
  const digest = planned.result.plan?.digest ?? ''
  const applied = await plans.apply({ 'plan-digest': digest })
  assert.deepEqual([applied.exitCode, applied.result.errors], [0, []])
  assert.deepEqual(applied.result.plan, { place: plans.path, digest, shards: 1 })
  assert.deepEqual(plans.tags(), [['v1'], ['v1']])
  assert.equal(applied.result.totals.bytes, planned.result.planned?.bytes)
  assert.deepEqual(await refusal(plans), { exitCode: 0, message: '' })
})

test('the plan says of each image and target what it brings, and why it may', async () => {
  await using plans = await PlanScene.start()
  const { result } = await plans.plan({ images: `${plans.scene.source.host}/${SOURCE_PATH}:v1`, lock: '' })
  const { plan } = JSON.parse(await readFile(plans.path, 'utf8')) as { plan: SavedPlan }
  const [image] = plan.images
  assert.deepEqual([image?.tag, image?.rule], ['v1', 'the inputs'])
  assert.deepEqual(new Set(image?.signatures.map(({ form }) => form)), new Set(['bundle', 'tag']))
  const [target] = image?.targets ?? []
  assert.deepEqual(target?.tags, [{ tag: 'v1', action: 'create' }])
  assert.equal(target?.bytes, result.planned?.bytes)
  assert.ok((target?.requests ?? 0) > 10)
  assert.deepEqual(target?.attached.map(({ kind }) => kind).toSorted(), [
    ...['att', 'att', 'referrer', 'referrer', 'referrer', 'referrer', 'sbom', 'sbom', 'sig', 'sig'],
  ])
})

describe('nothing is written, and the reason is told, where', () => {
  test('a tag of the source means another image', async () => {
    await using plans = await PlanScene.start()
    const { source, sample } = plans.scene
    await plans.plan({ images: `${source.host}/${SOURCE_PATH}:v1`, lock: '' })
    const other = buildImage({ seed: 'newer' })
    other.putInto(source.store, SOURCE_PATH, 'v1')
    assert.deepEqual(await refusal(plans), {
      exitCode: 10,
      message: `${source.host}/${SOURCE_PATH}:v1 points at ${other.digest} now, and at ${sample.image.digest} when the plan was made`,
    })
  })

  test('a signature is gone, or something new hangs on the image', async () => {
    await using plans = await PlanScene.start()
    const { source, sample } = plans.scene
    await plans.plan()
    const sbom = buildReferrer(sample.image.descriptor, 'application/vnd.example.late', 'late')
    sbom.putInto(source.store, SOURCE_PATH)
    const name = plans.scene.reference()
    assert.deepEqual(await refusal(plans), {
      exitCode: 10,
      message: `${name} has got the referrer ${sbom.digest} of ${sample.image.digest} since the plan was made`,
    })
    source.store.repository(SOURCE_PATH).manifests.delete(sbom.digest)
    const tag = `${sample.image.digest.replace(':', '-')}.sig`
    source.store.repository(SOURCE_PATH).tags.delete(tag)
    const { exitCode, message } = await refusal(plans)
    assert.equal(exitCode, 10)
    assert.match(
      message,
      /has lost the sig sha256:[0-9a-f]{64} of sha256:[0-9a-f]{64} since the plan was made/,
    )
  })

  test('a tag of a target was made, moved or removed', async () => {
    await using plans = await PlanScene.start()
    const { target, sample } = plans.scene
    await plans.plan()
    const other = buildImage({ seed: 'other' })
    other.putInto(target.store, TARGET_PATH, 'v1')
    const name = `${target.host}/${TARGET_PATH}:v1`
    assert.deepEqual(await refusal(plans), {
      exitCode: 10,
      message: `${name} points at ${other.digest} now, and at nothing when the plan was made`,
    })
    await plans.plan({ 'existing-tags': 'move' })
    target.store.repository(TARGET_PATH).tags.delete('v1')
    assert.deepEqual(await refusal(plans), {
      exitCode: 10,
      message: `${name} points at nothing now, and at ${other.digest} when the plan was made`,
    })
    sample.putInto(target.store, TARGET_PATH, 'v1')
    await plans.plan()
    target.store.repository(TARGET_PATH).tags.delete('v1')
    assert.deepEqual(await refusal(plans), {
      exitCode: 10,
      message: `${name} points at nothing now, and at ${sample.image.digest} when the plan was made`,
    })
  })

  test('the policy is another one, or does not hold any more', async () => {
    await using plans = await PlanScene.start()
    const stricter = { 'require-annotations': 'stage=test' }
    await plans.plan()
    const { exitCode, message } = await refusal(plans, stricter)
    assert.equal(exitCode, 10)
    assert.match(
      message,
      /^The policy is another one than when the plan was made: that of the inputs had the digest/,
    )
    assert.equal((await refusal(plans, { 'public-key': '', verify: 'none' })).exitCode, 10)
    assert.equal((await refusal(plans, { 'public-key': '' })).exitCode, 3)
  })

  test('the run would sign, and the plan does not', async () => {
    await using plans = await PlanScene.start()
    await plans.plan()
    const signing = { sign: 'key', key: plans.scene.path('cosign.key'), annotations: 'stage=prod' }
    const { exitCode, message } = await refusal(plans, signing)
    assert.equal(exitCode, 10)
    assert.match(message, /^The plan has ".*" signed in no form, and this run would as bundle and tag$/)
  })
})

describe('a plan is refused that', () => {
  test('was edited, reformatted or cut short', async () => {
    await using plans = await PlanScene.start()
    const { result } = await plans.plan()
    const digest = result.plan?.digest ?? ''
    const changes: readonly ((text: string) => string)[] = [
      (text) => text.replace('"tag":"v1"', '"tag":"v2"'),
      (text) => `${JSON.stringify(JSON.parse(text), undefined, 2)}\n`,
    ]
    for (const change of changes) {
      await plans.plan()
      const before = await readFile(plans.path, 'utf8')
      await plans.edit(change)
      assert.notEqual(await readFile(plans.path, 'utf8'), before)
      const { exitCode, message } = await refusal(plans)
      assert.equal(exitCode, 3)
      assert.match(message, /was changed after it was made: it does not have its digest sha256:/)
    }
    await plans.edit((text) => text.slice(0, -9))
    assert.match((await refusal(plans)).message, /is not a saved plan: it is not JSON$/)
    await plans.edit(() => `{"schema":"signed-promote/plan/v1","digest":"${digest}","plan":{"images":7}}\n`)
    assert.match((await refusal(plans)).message, /is not a saved plan: plan\.\w+: /)
  })

  test('was made anew since it was approved', async () => {
    await using plans = await PlanScene.start()
    const { result } = await plans.plan()
    await plans.plan({ tags: 'v2' })
    const { exitCode, message } = await refusal(plans, { 'plan-digest': result.plan?.digest ?? '' })
    assert.equal(exitCode, 3)
    assert.match(message, /has the digest sha256:[0-9a-f]{64}, and `plan-digest` says sha256:[0-9a-f]{64}$/)
  })

  test('was forged, and brings images elsewhere than its templates, or some of them twice', async () => {
    await using plans = await PlanScene.start()
    await plans.plan()
    const forge = (change: (plan: SavedPlan) => SavedPlan) =>
      plans.edit((text) => formatSavedPlan(change((JSON.parse(text) as { plan: SavedPlan }).plan)).text)
    await forge((plan) => ({ ...plan, to: plan.to.map((template) => `${template}-elsewhere`) }))
    const { exitCode, message } = await refusal(plans)
    assert.equal(exitCode, 3)
    assert.match(message, /^The plan brings ".*" to .*:v1, and its own templates to .*-elsewhere:v1$/)
    await forge((plan) => ({ ...plan, shards: [[0], [0]] }))
    assert.match(
      (await refusal(plans)).message,
      /does not have each of its images in exactly one of its parts/,
    )
  })

  test('is cut into another number of parts, or copies by other means', async () => {
    await using plans = await PlanScene.start()
    await plans.plan()
    assert.match((await refusal(plans, { shard: '2/8' })).message, /^`shard` is 2\/8, and .* is cut into 1$/)
    const artifactory = { 'copy-by': 'artifactory', 'artifactory-url': 'http://127.0.0.1:9/artifactory' }
    const { message } = await refusal(plans, artifactory)
    assert.match(message, /^The plan was made with `copy-by: registry`, and the inputs say otherwise$/)
  })
})

test('what targets have got since the plan was made is no difference: it is not sent again', async () => {
  await using plans = await PlanScene.start()
  await plans.plan()
  const { target, sample } = plans.scene
  sample.putInto(target.store, TARGET_PATH)
  const { exitCode, result } = await plans.apply()
  assert.deepEqual([exitCode, result.totals.sentBlobs, result.totals.tags], [0, 0, 1])
})

test('the list that was planned for is written as it is at each target', async () => {
  await using plans = await PlanScene.start([{}, {}])
  const { scene } = plans
  const to = { 'lock-output': scene.path('out-{target}.yml') }
  await scene.run({ 'lock-output': scene.path('direct-{target}.yml') })
  await plans.plan(to)
  const { result } = await plans.apply(to)
  assert.deepEqual(result.files.locks, [scene.path('out-1.yml'), scene.path('out-2.yml')])
  for (const number of [1, 2]) {
    const [planned, direct] = ['out', 'direct'].map((name) =>
      readFile(scene.path(`${name}-${number}.yml`), 'utf8'),
    )
    assert.equal(await planned, await direct)
  }
  const one = await refusal(plans, { 'lock-output': scene.path('one.yml') })
  assert.equal(one.exitCode, 3)
  await plans.plan()
  assert.match((await refusal(plans, to)).message, /the plan was made without it/)
})

test('images of bundles go where the plan says, and imgpkg is told when all parts have arrived', async () => {
  await using plans = await PlanScene.start()
  const { scene } = plans
  const { outer, inner, web, db, reference } = putBundle(scene)
  const unverified = { 'public-key': '', verify: 'none' }
  const list = { lock: '', bundle: reference, to: `${scene.target.host}/prod/{name}`, shards: '2' }
  const planned = await plans.plan({ ...unverified, ...list })
  assert.deepEqual([planned.exitCode, planned.result.plan?.shards], [2, 2])
  const { store } = scene.target
  const bundles = () => locatedBundles(store, [outer, inner], 'prod/outer')
  for (const shard of ['1/2', '2/2']) assert.equal((await plans.part(shard, unverified)).exitCode, 0)
  assert.deepEqual(bundles(), [])
  const { exitCode, result } = await plans.finish(unverified)
  assert.deepEqual([exitCode, result.locations.length], [0, 2])
  assert.deepEqual(bundles(), [outer, inner])
  const { manifests, tags } = store.repository('prod/outer')
  assert.equal(tags.get('v1'), outer.digest)
  assert.ok([web, db].every(({ digest }) => manifests.has(digest)))
})
