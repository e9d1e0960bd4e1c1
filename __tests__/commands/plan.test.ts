import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { fromArguments } from '../../src/inputs/from-arguments.ts'
import type { RunResult } from '../../src/report/run-result.ts'
import { buildImage } from '../builders/build-image.ts'
import { buildKeys } from '../builders/build-keys.ts'
import { PromotionScene, SOURCE_PATH, TARGET_PATH, writesTo } from '../builders/promotion-scene.ts'

test('ends with 2 when there is something to do, and writes nothing', async () => {
  await using scene = await PromotionScene.start()
  const { exitCode, result, reporter } = await scene.run({ command: 'plan' })
  assert.deepEqual([exitCode, result.succeeded], [2, true])
  assert.deepEqual([...writesTo(scene.source), ...writesTo(scene.target)], [])
  assert.deepEqual(result.images[0]?.targets[0]?.outcome, 'planned')
  assert.deepEqual(result.images[0]?.targets[0]?.tags, [{ tag: 'v1', action: 'create', done: false }])
  assert.deepEqual(reporter.steps, ['Read the image list', 'Plan', 'Verify at the source', 'Preflight'])
})

test('ends with 0 when there is nothing to do', async () => {
  await using scene = await PromotionScene.start()
  await scene.run()
  assert.equal((await scene.run({ command: 'plan' })).exitCode, 0)
})

test('ends with 2 when only a tag or only a signature is missing', async () => {
  await using scene = await PromotionScene.start()
  await scene.run()
  assert.equal((await scene.run({ command: 'plan', tags: 'v1\nlatest' })).exitCode, 2)
  const key = await scene.write('ours.key', buildKeys().privatePem)
  const signing = { command: 'plan', sign: 'key', key }
  const { exitCode, reporter } = await scene.run(signing)
  assert.equal(exitCode, 2)
  assert.match(reporter.infos.join('\n'), /1 of 1 images would be signed first/)
  assert.deepEqual(writesTo(scene.source), [])
})

test('an image that the run would sign need not be signed yet', async () => {
  await using scene = await PromotionScene.start()
  const image = buildImage({ seed: 'unsigned' })
  image.putInto(scene.source.store, SOURCE_PATH)
  await scene.list({ image: scene.reference(image.digest) })
  const signing = { command: 'plan', 'public-key': '', sign: 'key', key: scene.path('cosign.key') }
  assert.equal((await scene.run(signing)).exitCode, 2)
  assert.equal((await scene.run({ command: 'plan' })).exitCode, 5)
})

test('ends with the refusals that promote would end with', async () => {
  await using scene = await PromotionScene.start()
  const older = buildImage({ seed: 'older' })
  older.putInto(scene.target.store, TARGET_PATH, 'v1')
  const refused = await scene.run({ command: 'plan', tags: 'v1\nlatest' })
  assert.equal(refused.exitCode, 7)
  // The report shows what would have been, the refused tag with the others.
  assert.deepEqual(refused.result.images[0]?.targets[0]?.tags, [
    { tag: 'latest', action: 'create', done: false },
    { tag: 'v1', action: 'refuse', previous: older.digest, done: false },
  ])
  assert.ok(refused.result.hosts?.some(({ requests }) => requests > 0))
  assert.deepEqual((await scene.run()).result.images[0]?.targets[0]?.tags[0]?.action, 'refuse')
  assert.deepEqual([...writesTo(scene.source), ...writesTo(scene.target)], [])
  const move = { command: 'plan', 'existing-tags': 'move' }
  const { exitCode, result } = await scene.run(move)
  assert.equal(exitCode, 2)
  const tags = [{ tag: 'v1', action: 'move', previous: older.digest, done: false }]
  assert.deepEqual(result.images[0]?.targets[0]?.tags, tags)
})

test('the report says what applying takes, why it may, and how it is done', async () => {
  await using scene = await PromotionScene.start({}, [{}, {}])
  const { result } = await scene.run({ command: 'plan', 'plan-output': scene.path('plan.json') })
  const [image] = result.images
  assert.deepEqual([image?.rule, image?.satisfied, image?.toSign], ['the inputs', true, undefined])
  const coming = image?.targets.flatMap((target) => target.coming ?? []) ?? []
  const sum = (of: 'bytes' | 'blobs' | 'manifests') => coming.reduce((total, one) => total + one[of], 0)
  const { planned, hosts = [], cut, apply = [] } = result
  assert.deepEqual(
    [sum('bytes'), sum('blobs'), sum('manifests')],
    [planned?.bytes, planned?.blobs, planned?.manifests],
  )
  assert.equal(coming.flatMap(({ attached }) => attached).length, planned?.attachedTags)
  assert.deepEqual(
    hosts.map(({ host, side }) => [host, side]),
    [[scene.source.host, 'source'], ...scene.targets.map(({ host }) => [host, 'target'])],
  )
  assert.match(cut?.sentence ?? '', /^1 part, /)
  const [line = '', ...others] = apply
  assert.deepEqual(others, [])
  const [, ...words] = execFileSync('sh', ['-c', `printf '%s\\n' ${line}`], { encoding: 'utf8' }).split(/\n/)
  const { raw } = fromArguments(words.slice(0, -1), {})
  const applied = await scene.run({
    lock: '',
    to: '',
    tags: '',
    'public-key': '',
    ...Object.fromEntries(raw),
  })
  assert.deepEqual([applied.exitCode, applied.result.plan], [0, result.plan])
  assert.equal(scene.tagAt(scene.targets[0] ?? scene.source, 'v1'), scene.sample.image.digest)
})

test('an image that would be signed first says so in the report', async () => {
  await using scene = await PromotionScene.start()
  const key = await scene.write('ours.key', buildKeys().privatePem)
  const { result } = await scene.run({ command: 'plan', sign: 'key', key })
  assert.deepEqual(result.images[0]?.toSign, ['bundle', 'tag'])
})

describe('the comment', () => {
  const FILE = 'comment.md'

  test('is written when the plan succeeds, and when it fails, with what is wrong', async () => {
    await using scene = await PromotionScene.start()
    const commenting = { command: 'plan', 'comment-output': scene.path(FILE) }
    const { result } = await scene.run(commenting)
    assert.equal(result.files.comment, scene.path(FILE))
    assert.match(
      await readFile(scene.path(FILE), 'utf8'),
      /^<!-- signed-promote plan -->\n## ✅ 1 image planned/,
    )
    await scene.run({ ...commenting, 'public-key': await scene.write('other.pub', buildKeys().publicPem) })
    const failed = await readFile(scene.path(FILE), 'utf8')
    assert.match(failed, /^<!-- signed-promote plan -->\n## ❌ Plan failed with 1 error.*\n\n- ❌ /)
    assert.match(failed, /\| not satisfied \\\(the inputs\\\) \|/)
  })

  test('that cannot be written is known before anything else is done', async () => {
    await using scene = await PromotionScene.start()
    const { exitCode } = await scene.run({ command: 'plan', 'comment-output': scene.folder })
    assert.equal(exitCode, 3)
    assert.deepEqual(scene.source.requests, [])
  })

  test('that can no longer be written fails the run, and the report says so', async () => {
    await using scene = await PromotionScene.start()
    const [folder, report] = [scene.path('comments'), scene.path('report.json')]
    const given = { command: 'plan', 'comment-output': join(folder, FILE), report }
    const { exitCode } = await scene.run(given, {
      onStep: () => rmSync(folder, { recursive: true, force: true }),
    })
    assert.equal(exitCode, 8)
    const { errors } = (await scene.readJson('report.json')) as RunResult
    assert.match(errors[0]?.message ?? '', /comment\.md cannot be written/)
  })
})
