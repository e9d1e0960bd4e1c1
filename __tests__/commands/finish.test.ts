import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { describe, test } from 'node:test'
import { parseDigest } from '../../src/oci/digest.ts'
import type { RunResult } from '../../src/report/run-result.ts'
import { ArtifactoryScene } from '../builders/artifactory-scene.ts'
import { PlanScene } from '../builders/plan-scene.ts'
import { TARGET_PATH, writesTo } from '../builders/promotion-scene.ts'
import type { RegistryServer } from '../fakes/registry-server.ts'

type Inputs = Readonly<Record<string, string>>

const TAGS = ['app-0', 'app-1', 'app-2', 'app-3']
const PARTS = ['1/2', '2/2']

/** Four images at two targets, in two parts. */
async function cut(inputsOf: (plans: PlanScene) => Inputs = () => ({})): Promise<PlanScene> {
  await using stack = new AsyncDisposableStack()
  const plans = stack.use(await PlanScene.start([{}, {}]))
  plans.listImages(TAGS.length)
  const { result } = await plans.plan({ shards: String(PARTS.length), ...inputsOf(plans) })
  assert.deepEqual([result.errors, result.plan?.shards], [[], PARTS.length])
  stack.move()
  return plans
}

/** The error of a run that must have moved no tag and written nothing. */
async function refusal(plans: PlanScene, inputs?: Inputs) {
  for (const { requests } of plans.scene.targets) requests.length = 0
  const { exitCode, result } = await plans.finish(inputs)
  assert.deepEqual(plans.scene.targets.flatMap(writesTo), [])
  return { exitCode, messages: result.errors.map(({ message }) => message) }
}

/** The bytes that went into a registry. */
function bytesInto({ requests }: RegistryServer): number {
  return requests.reduce((sum, { bytesIn }) => sum + bytesIn, 0)
}

test('all tags appear when the parts have arrived, and not before', async () => {
  await using plans = await cut()
  for (const part of PARTS) {
    const { exitCode, result } = await plans.part(part)
    assert.deepEqual([exitCode, result.errors, result.plan?.shard], [0, [], part])
    assert.deepEqual(plans.tags(), [[], []])
  }
  const { exitCode, result } = await plans.finish()
  assert.deepEqual([exitCode, result.errors], [0, []])
  assert.deepEqual(plans.tags(), [TAGS, TAGS])
})

test('the report of finishing is that of all its parts', async () => {
  await using plans = await cut()
  const parts = [await plans.part('1/2'), await plans.part('2/2')]
  const { result } = await plans.finish()
  const sum = (count: (result: RunResult) => number) =>
    parts.reduce((total, part) => total + count(part.result), 0)
  assert.equal(
    result.totals.bytes,
    sum(({ totals }) => totals.bytes),
  )
  assert.equal(result.totals.copied, 8)
  assert.equal(result.totals.tags, 8)
  assert.deepEqual(
    result.parts.map(({ shard, images }) => [shard, images]),
    [
      ['1/2', 2],
      ['2/2', 2],
    ],
  )
  for (const { targets } of result.images) {
    for (const { outcome, sent, tags, inventory } of targets) {
      assert.deepEqual([outcome, tags.map(({ done }) => done)], ['copied', [true]])
      assert.ok(sent.bytes > 0 && inventory.length > 1)
    }
  }
})

describe('no tag moves', () => {
  test('while a part has not reported, or has failed; run again it sends only what is missing', async () => {
    await using plans = await cut()
    await plans.part('1/2')
    assert.deepEqual(await refusal(plans), {
      exitCode: 8,
      messages: ['There is no report of part 2/2 of the plan'],
    })
    const [, target] = plans.scene.targets
    const { images } = JSON.parse(await readFile(plans.reportOf('1/2'), 'utf8')) as RunResult
    const done = new Set(images.map(({ digest }) => digest))
    const isOther = (path: string) =>
      path.includes('/manifests/') && ![...done].some((one) => path.endsWith(one))
    target?.fault(({ method, path }) => method === 'PUT' && isOther(path), 99, { status: 403 })
    assert.equal((await plans.part('2/2')).exitCode, 4)
    const { exitCode, messages } = await refusal(plans)
    assert.equal(exitCode, 8)
    assert.match(
      messages[0] ?? '',
      /^Part 2\/2 of the plan has failed, as .*part-2-2\.json says: .* answered 403/,
    )
    target?.clearFaults()
    for (const { requests } of plans.scene.targets) requests.length = 0
    const again = await plans.part('2/2')
    assert.equal(again.exitCode, 0)
    const [first = 0, second = 0] = plans.scene.targets.map(bytesInto)
    assert.equal(first, 0)
    assert.ok(second > 0)
    assert.equal((await plans.finish()).exitCode, 0)
    assert.deepEqual(plans.tags(), [TAGS, TAGS])
  })

  test('where a report is of another plan, or of no part of one', async () => {
    await using plans = await cut()
    for (const part of PARTS) await plans.part(part)
    await plans.plan({ shards: '2', tags: 'x-{origin-tag}' })
    const { exitCode, messages } = await refusal(plans)
    assert.equal(exitCode, 3)
    assert.match(messages[0] ?? '', /part-1-2\.json is the report of a part of another plan, sha256:/)
    await plans.apply({ report: plans.reportOf('1/2') })
    assert.match(
      (await refusal(plans)).messages[0] ?? '',
      /is the report of a run of promote that applied no part of a plan$/,
    )
    await writeFile(plans.reportOf('1/2'), '{}')
    assert.match((await refusal(plans)).messages[0] ?? '', /is not a report of this program: /)
  })

  test('where an image, or something on it, is gone again', async () => {
    await using plans = await cut()
    for (const part of PARTS) await plans.part(part)
    const [target] = plans.scene.targets
    const store = target?.store.repository(TARGET_PATH)
    const { images } = JSON.parse(await readFile(plans.reportOf('2/2'), 'utf8')) as RunResult
    const digest = images[0]?.digest ?? ''
    store?.tags.delete(`${digest.replace(':', '-')}.sig`)
    assert.deepEqual(await refusal(plans), {
      exitCode: 8,
      messages: [
        `${target?.host}/${TARGET_PATH}@${digest} is not whole, though all parts of the plan have reported that it is`,
      ],
    })
    store?.manifests.delete(digest)
    assert.equal((await refusal(plans)).exitCode, 8)
  })

  test('where a statement about the promotion is gone that the plan asks for', async () => {
    const attesting = ({ scene }: PlanScene) => ({
      'attest-promotion': 'key',
      key: scene.path('cosign.key'),
    })
    await using plans = await cut(attesting)
    const attested = attesting(plans)
    const otherwise = await plans.part('1/2')
    assert.deepEqual(
      [otherwise.exitCode, otherwise.result.errors.map(({ message }) => message)],
      [10, ['The plan was made with another word on who attests to the promotion']],
    )
    for (const part of PARTS) await plans.part(part, attested)
    const [target] = plans.scene.targets
    const store = target?.store.repository(TARGET_PATH)
    // What came last is a statement: the images and their signatures were there before.
    const [statement] = [...(store?.manifests.keys() ?? [])].slice(-1)
    store?.manifests.delete(statement ?? '')
    const { exitCode, messages } = await refusal(plans, attested)
    assert.equal(exitCode, 8)
    assert.match(messages[0] ?? '', /^Of the statements about the promotion 1 are not at the targets/)
    const again = [await plans.part('1/2', attested), await plans.part('2/2', attested)]
    assert.deepEqual(
      again.map((part) => part.exitCode),
      [0, 0],
    )
    assert.equal((await plans.finish(attested)).exitCode, 0)
    assert.deepEqual(plans.tags(), [TAGS, TAGS])
  })

  test('where the source or a tag has changed since the plan was made', async () => {
    await using plans = await cut()
    for (const part of PARTS) await plans.part(part)
    const [target] = plans.scene.targets
    plans.scene.sample.putInto(target?.store ?? plans.scene.source.store, TARGET_PATH, 'app-2')
    const { exitCode, messages } = await refusal(plans)
    assert.equal(exitCode, 10)
    assert.match(
      messages[0] ?? '',
      /:app-2 points at sha256:[0-9a-f]{64} now, and at nothing when the plan was made$/,
    )
  })
})

test('a failure among the tags puts all of them back, those of an earlier run that was killed too', async () => {
  await using plans = await cut()
  for (const part of PARTS) await plans.part(part)
  const [first, second] = plans.scene.targets
  const { images } = JSON.parse(await readFile(plans.reportOf('1/2'), 'utf8')) as RunResult
  // As a run leaves it that is killed after its first tag.
  const [image] = images
  const tag = image?.targets[0]?.tags[0]?.tag ?? ''
  first?.store.repository(TARGET_PATH).tags.set(tag, parseDigest(image?.digest ?? ''))
  second?.fault(
    ({ method, path }) => method === 'PUT' && TAGS.some((name) => path.endsWith(`/${name}`)),
    99,
    {
      status: 403,
    },
  )
  const { exitCode, result } = await plans.finish()
  assert.equal(exitCode, 4)
  assert.match(result.errors[0]?.message ?? '', /no tag is left on a new image/)
  assert.deepEqual(plans.tags(), [[], []])
  second?.clearFaults()
  assert.equal((await plans.finish()).exitCode, 0)
  assert.deepEqual(plans.tags(), [TAGS, TAGS])
})

test('what Artifactory moves is gone from the source when all parts have arrived, and not before', async () => {
  await using artifactory = await ArtifactoryScene.start()
  const { scene, sample } = artifactory
  const [plan, report] = [scene.path('plan.json'), scene.path('part.json')]
  const applied = { lock: '', to: '', tags: '', plan, move: 'true' }
  await artifactory.run({ command: 'plan', 'plan-output': plan, move: 'true' })
  const brought = await artifactory.run({ ...applied, shard: '1/1', report })
  assert.deepEqual([brought.exitCode, brought.result.errors], [0, []])
  const isAtSource = () => artifactory.source.manifests.has(sample.image.digest)
  assert.deepEqual([isAtSource(), artifactory.target.tags.has('v1')], [true, false])
  const { exitCode, result } = await artifactory.run({ ...applied, command: 'finish', reports: report })
  assert.deepEqual([exitCode, result.errors], [0, []])
  assert.deepEqual([isAtSource(), artifactory.target.tags.get('v1')], [false, sample.image.digest])
})
