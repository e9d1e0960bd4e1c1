import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { RunResult } from '../../src/report/run-result.ts'
import { PromotionScene, TARGET_PATH, writesTo } from '../builders/promotion-scene.ts'
import {
  AFTER,
  BEFORE,
  OLDER,
  PROMOTED,
  RollbackScene,
  refuse,
  repositoryOf,
  STRANGER,
} from '../builders/rollback-scene.ts'

/** What became of each tag, as `OUTCOME TAG` in the order of the targets. */
function outcomes({ undone = [] }: RunResult): readonly string[] {
  return undone.map(({ tag, outcome }) => `${outcome} ${tag.slice(tag.lastIndexOf(':') + 1)}`)
}

test('puts back the tags that were moved, removes those that were made, and says so before and after', async () => {
  await using scene = await RollbackScene.start()
  const { exitCode, result, reporter } = await scene.rollback()
  assert.equal(exitCode, 0, JSON.stringify(result.errors))
  assert.deepEqual(scene.tags(), BEFORE)
  assert.deepEqual(outcomes(result), ['removed v1', 'put back latest', 'removed v1', 'removed latest'])
  assert.equal(result.totals.tags, 4)
  const [first, second] = [scene.first, scene.second].map(({ host }) => `${host}/${TARGET_PATH}`)
  assert.deepEqual(result.undone?.slice(0, 2), [
    { tag: `${first}:v1`, from: PROMOTED.digest, to: null, outcome: 'removed' },
    { tag: `${first}:latest`, from: PROMOTED.digest, to: OLDER.digest, outcome: 'put back' },
  ])
  for (const line of [
    `${first}:v1: ${PROMOTED.digest} → to be removed`,
    `${first}:latest: ${PROMOTED.digest} → ${OLDER.digest}`,
    `${second}:latest: ${PROMOTED.digest} → to be removed`,
  ])
    assert.ok(reporter.infos.includes(line), reporter.infos.join('\n'))
})

test('undoes what a promotion reported, and leaves content and signatures where they are', async () => {
  await using scene = await PromotionScene.start()
  const report = scene.path('report.json')
  assert.equal((await scene.run({ report })).exitCode, 0)
  const there = scene.target.store.repository(TARGET_PATH)
  const [content, tags] = [() => [there.manifests.size, there.blobs.size], () => [...there.tags.keys()]]
  const [before, promoted] = [content(), tags()]
  const none = { lock: '', to: '', tags: '', 'public-key': '' }
  const { exitCode, result } = await scene.run({ command: 'rollback', ...none, report })
  assert.equal(exitCode, 0, JSON.stringify(result.errors))
  assert.deepEqual(content(), before)
  assert.deepEqual(
    tags(),
    promoted.filter((tag) => tag !== 'v1'),
  )
  assert.ok(promoted.includes('v1') && tags().length > 0)
})

test('a second time finds everything back, and writes nothing', async () => {
  await using scene = await RollbackScene.start()
  await scene.rollback()
  scene.forgetWrites()
  const { exitCode, result, reporter } = await scene.rollback()
  assert.equal(exitCode, 0)
  assert.deepEqual(scene.writes(), [])
  assert.deepEqual(new Set(result.undone?.map(({ outcome }) => outcome)), new Set(['back already']))
  assert.deepEqual(reporter.warnings, [])
  assert.equal(result.totals.tags, 0)
})

test('a tag that was moved on since is left alone, with a warning that says where it is', async () => {
  await using scene = await RollbackScene.start()
  const there = repositoryOf(scene.first)
  there.tags.set('v1', STRANGER.digest)
  there.tags.delete('latest')
  const { exitCode, result, reporter } = await scene.rollback()
  assert.equal(exitCode, 0)
  assert.deepEqual(scene.tags(), [STRANGER.digest, undefined, undefined, undefined])
  assert.deepEqual(outcomes(result), ['moved on v1', 'moved on latest', 'removed v1', 'removed latest'])
  const [first, second] = reporter.warnings.map(({ message }) => message)
  assert.match(first ?? '', new RegExp(`app:v1 points at ${STRANGER.digest} now, and not at the promoted`))
  assert.match(second ?? '', /app:latest points at nothing now/)
})

describe('nothing is written', () => {
  test('where an image that a tag has to go back to is gone', async () => {
    await using scene = await RollbackScene.start()
    repositoryOf(scene.first).manifests.delete(OLDER.digest)
    const { exitCode, result } = await scene.rollback()
    assert.equal(exitCode, 8)
    const [error, ...others] = result.errors
    assert.deepEqual(others, [])
    assert.match(error?.message ?? '', new RegExp(`app:latest cannot go back: .* not have ${OLDER.digest}`))
    assert.deepEqual(scene.writes(), [])
    assert.deepEqual(scene.tags(), AFTER)
  })

  test('where a target cannot be asked', async () => {
    await using scene = await RollbackScene.start()
    refuse(scene.second, 'GET', 'v1')
    const { exitCode } = await scene.rollback()
    assert.equal(exitCode, 4)
    assert.deepEqual(scene.writes(), [])
  })

  test('where the run is told to stop before the first tag', async () => {
    await using scene = await RollbackScene.start()
    const controller = new AbortController()
    const onLooked = () => controller.abort(new Error('stopped'))
    const { exitCode, result } = await scene.rollback({ controller, onLooked })
    assert.notEqual(exitCode, 0)
    assert.deepEqual(scene.writes(), [])
    assert.deepEqual(new Set(result.undone?.map(({ outcome }) => outcome)), new Set(['left']))
  })

  test('where somebody moves a tag between the look and the first write', async () => {
    await using scene = await RollbackScene.start()
    const { exitCode, result } = await scene.rollback({
      onLooked: () => repositoryOf(scene.second).tags.set('v1', STRANGER.digest),
    })
    assert.equal(exitCode, 7)
    assert.match(result.errors[0]?.message ?? '', /but at sha256:\w+ when the rollback looked at it/)
    assert.deepEqual(scene.writes(), [])
  })
})

describe('a failure among the tags leaves every one where the promotion put it', () => {
  test('where a registry lets no tag be deleted, which is asked for before any other is moved', async () => {
    await using scene = await RollbackScene.start({}, { tagDeletion: false })
    const { exitCode, result } = await scene.rollback()
    assert.equal(exitCode, 4)
    const [error] = result.errors
    const place = `${scene.second.host}/${TARGET_PATH}`.replaceAll('.', '\\.')
    assert.match(
      error?.message ?? '',
      new RegExp(`every tag is where the promotion put it.*${place}:\\w+ cannot be removed`),
    )
    assert.match(error?.hint ?? '', /^Allow tags to be deleted there/)
    assert.deepEqual(scene.tags(), AFTER)
    assert.ok(!scene.writes().includes('PUT latest'), scene.writes().join())
    assert.ok(writesTo(scene.second).every(({ method }) => method === 'DELETE'))
    assert.deepEqual(new Set(result.undone?.map(({ outcome }) => outcome)), new Set(['left']))
    assert.equal(result.totals.tags, 0)
  })

  test('where a tag cannot be moved back', async () => {
    await using scene = await RollbackScene.start()
    refuse(scene.first, 'PUT', 'latest')
    const { exitCode, result } = await scene.rollback()
    assert.equal(exitCode, 4)
    assert.match(result.errors[0]?.message ?? '', /every tag is where the promotion put it/)
    assert.deepEqual(scene.tags(), AFTER)
  })

  test('where the credentials may only read, which shows what would move', async () => {
    await using scene = await RollbackScene.start()
    for (const target of [scene.first, scene.second])
      target.fault(({ method }) => method !== 'GET' && method !== 'HEAD', 99, { status: 403 })
    const { exitCode, result, reporter } = await scene.rollback()
    assert.equal(exitCode, 4)
    assert.match(result.errors[0]?.message ?? '', /every tag is where the promotion put it/)
    assert.deepEqual(scene.tags(), AFTER)
    assert.equal(reporter.infos.filter((line) => line.includes(' → ')).length, 4)
  })

  test('except one that cannot be put there again, which is named', async () => {
    await using scene = await RollbackScene.start()
    refuse(scene.second, 'PUT', 'v1')
    refuse(scene.first, 'PUT', 'latest')
    const { exitCode, result } = await scene.rollback()
    assert.equal(exitCode, 4)
    assert.match(result.errors[0]?.message ?? '', /these could not be put back: \S+app:v1\)/)
    assert.deepEqual(outcomes(result), ['left v1', 'left latest', 'removed v1', 'left latest'])
  })
})

test('one that was ended in the middle is completed by the next', async () => {
  await using scene = await RollbackScene.start()
  repositoryOf(scene.first).tags.set('latest', OLDER.digest)
  repositoryOf(scene.second).tags.delete('v1')
  const { exitCode, result } = await scene.rollback()
  assert.equal(exitCode, 0)
  assert.deepEqual(scene.tags(), BEFORE)
  assert.deepEqual(outcomes(result), [
    'removed v1',
    'back already latest',
    'back already v1',
    'removed latest',
  ])
  assert.deepEqual(scene.writes(), ['DELETE v1', 'DELETE latest'])
})

describe('an edited report', () => {
  test('moves a tag to no manifest that its repository does not have', async () => {
    await using scene = await RollbackScene.start()
    scene.replaceInReport(OLDER.digest, `sha256:${'ab'.repeat(32)}`)
    assert.equal((await scene.rollback()).exitCode, 8)
    assert.deepEqual(scene.writes(), [])
  })

  test('that claims tags which point elsewhere has them left alone', async () => {
    await using scene = await RollbackScene.start()
    scene.replaceInReport(PROMOTED.digest, STRANGER.digest)
    const { exitCode, reporter } = await scene.rollback()
    assert.equal(exitCode, 0)
    assert.equal(reporter.warnings.length, 4)
    assert.deepEqual(scene.writes(), [])
  })
})

test('a report of something else asks nothing of any registry', async () => {
  await using scene = await RollbackScene.start()
  scene.report = { ...scene.report, command: 'plan' }
  const { exitCode, result } = await scene.rollback()
  assert.equal(exitCode, 3)
  assert.match(result.errors[0]?.message ?? '', /is the report of `plan`, which moves no tags/)
  assert.equal(scene.first.requests.length + scene.second.requests.length, 0)
})
