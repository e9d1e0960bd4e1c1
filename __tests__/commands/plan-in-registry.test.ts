import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fallbackTag } from '../../src/oci/attached-tag.ts'
import { parseDigest } from '../../src/oci/digest.ts'
import { MEDIA_TYPES } from '../../src/oci/media-types.ts'
import { buildReferrer } from '../builders/build-attached.ts'
import { buildImage } from '../builders/build-image.ts'
import { PlanScene } from '../builders/plan-scene.ts'
import { TARGET_PATH } from '../builders/promotion-scene.ts'

const PLANS = 'team/plans'
const APPS = ['app-0', 'app-1']

for (const referrersApi of [true, false]) {
  const how = referrersApi ? 'with' : 'without'
  test(`a plan and its reports travel through a registry ${how} a referrers API`, async () => {
    await using plans = await PlanScene.start([{ referrersApi }])
    const { scene } = plans
    plans.listImages(APPS.length)
    const place = `oci://${scene.target.host}/${TARGET_PATH}`
    const planned = await plans.plan({ 'plan-output': place, shards: '2' })
    assert.deepEqual([planned.exitCode, planned.result.errors], [2, []])
    const plan = planned.result.plan?.place ?? ''
    assert.match(plan, /^oci:\/\/127\.0\.0\.1:\d+\/prod\/app@sha256:[0-9a-f]{64}$/)
    const finish = { command: 'finish', plan }
    const early = await plans.apply(finish)
    assert.deepEqual(
      [early.exitCode, early.result.errors.map(({ message }) => message)],
      [8, ['There is no report of part 1/2 of the plan', 'There is no report of part 2/2 of the plan']],
    )
    for (const shard of ['1/2', '2/2']) assert.equal((await plans.apply({ plan, shard })).exitCode, 0)
    const { exitCode, result } = await plans.apply(finish)
    assert.deepEqual([exitCode, result.errors, result.parts.length], [0, [], 2])
    const tags = plans.tags()[0]?.filter((tag) => !tag.startsWith('signed-promote-plan-'))
    assert.deepEqual(tags, APPS)
    const checked = await scene.run({
      command: 'check',
      lock: '',
      images: plans.images,
      tags: '{origin-tag}',
    })
    assert.deepEqual([checked.exitCode, checked.result.errors], [0, []])
  })
}

/** A plan of two parts in a registry, which hangs its reports there and leaves them in files as well. */
async function applied(switches: { readonly referrersApi: boolean }) {
  await using stack = new AsyncDisposableStack()
  const plans = stack.use(await PlanScene.start([switches]))
  plans.listImages(APPS.length)
  const { host, store } = plans.scene.target
  const { result } = await plans.plan({ 'plan-output': `oci://${host}/${PLANS}`, shards: '2' })
  const plan = result.plan?.place ?? ''
  for (const shard of ['1/2', '2/2']) assert.equal((await plans.part(shard, { plan })).exitCode, 0)
  const digest = parseDigest(plan.slice(plan.indexOf('@') + 1))
  stack.move()
  return { plans, plan, digest, store }
}

test('what strangers hang on a plan keeps nobody from finishing, and is named', async () => {
  const { plans, plan, digest, store } = await applied({ referrersApi: true })
  await using _ = plans
  const subject = { mediaType: MEDIA_TYPES.ociManifest, digest, size: 1 }
  const junk = ['1/2', '3/2'].map((part) => {
    const said = {
      'vnd.signed-promote.part': part,
      'org.opencontainers.image.created': '2999-01-01T00:00:00Z',
    }
    return buildReferrer(subject, MEDIA_TYPES.savedReport, '{"x":1}', said)
  })
  for (const one of junk) one.putInto(store, PLANS)
  const { exitCode, result } = await plans.apply({ command: 'finish', plan })
  assert.deepEqual([exitCode, result.errors, result.parts.length], [0, [], 2])
  for (const one of junk) assert.ok(result.warnings.some((warning) => warning.includes(`@${one.digest} `)))
  assert.deepEqual(plans.tags(), [APPS])
})

test('reports in files need none on the plan', async () => {
  const { plans, plan, digest, store } = await applied({ referrersApi: false })
  await using _ = plans
  buildImage({ seed: 'in the place of the list' }).putInto(store, PLANS, fallbackTag(digest))
  const finish = { command: 'finish', plan }
  const { exitCode, result } = await plans.apply(finish)
  assert.equal(exitCode, 4)
  assert.match(result.errors[0]?.hint ?? '', /^Give the reports of all parts as files, with `reports`/)
  assert.equal((await plans.finish(finish)).exitCode, 0)
  assert.deepEqual(plans.tags(), [APPS])
})
