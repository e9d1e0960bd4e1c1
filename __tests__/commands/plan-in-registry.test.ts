import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PlanScene } from '../builders/plan-scene.ts'
import { TARGET_PATH } from '../builders/promotion-scene.ts'

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
