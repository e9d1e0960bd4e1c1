import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { PromotionScene, TARGET_PATH } from './builders/promotion-scene.ts'
import type { RecordingReporter } from './fakes/recording-reporter.ts'
import { FAST } from './registry/connect.ts'

describe('a run with a deadline', () => {
  test('ends as incomplete when it has passed, names it, moves no tag and leaves no session behind', async () => {
    await using scene = await PromotionScene.start()
    scene.target.fault(({ method }) => method === 'PUT', Number.POSITIVE_INFINITY, 'hang')
    const { exitCode, result } = await scene.run({ deadline: '1s', report: scene.path('report.json') })
    assert.equal(exitCode, 8)
    const [error, ...others] = ((await scene.readJson('report.json')) as RecordingReporter['result']).errors
    assert.deepEqual([error?.kind, error?.message], ['incomplete', 'The deadline of 1s has passed'])
    assert.equal(
      error?.hint,
      'Run again, with a longer `deadline`: what has arrived by then is not sent twice.',
    )
    assert.equal(error?.location, undefined)
    assert.deepEqual([others, result.errors.length], [[], 1])
    assert.equal(scene.tagAt(scene.target, 'v1'), undefined)
    assert.ok(scene.target.requestsBy('POST').length > 0)
    assert.equal(scene.target.store.repository(TARGET_PATH).uploads.size, 0)
  })

  test('is a run like any other when it has not', async () => {
    await using scene = await PromotionScene.start()
    const { exitCode } = await scene.run({ deadline: '1h' })
    assert.equal(exitCode, 0)
    assert.equal(scene.tagAt(scene.target, 'v1'), scene.sample.image.digest)
  })
})

test('a wait that a registry asks for, and what it warns of, are told', async () => {
  await using scene = await PromotionScene.start()
  const { host } = scene.source
  const headers = { 'retry-after': '1', warning: '299 - "This registry moves"' }
  scene.source.fault(() => true, 2, { status: 429, headers })
  const { exitCode, reporter, result } = await scene.run({}, { pace: { retry: FAST } })
  assert.equal(exitCode, 0)
  const [info] = reporter.infos.filter((message) => message.includes('patience'))
  assert.match(
    info ?? '',
    new RegExp(`^${host} asks for patience: next request in 0.1 s, then 32 at a time$`),
  )
  assert.deepEqual(result.warnings, [`${host} warns: This registry moves`])
})
