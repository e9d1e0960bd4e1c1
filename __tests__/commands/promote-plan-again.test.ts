import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { describe, test } from 'node:test'
import { locationsTag } from '../../src/oci/imgpkg-tag.ts'
import { formatSavedPlan } from '../../src/saved-plan/format-saved-plan.ts'
import type { SavedPlan } from '../../src/saved-plan/saved-plan.ts'
import { buildImage } from '../builders/build-image.ts'
import { PlanScene } from '../builders/plan-scene.ts'
import { TARGET_PATH, writesTo } from '../builders/promotion-scene.ts'

type Change = (plan: SavedPlan) => SavedPlan

/** Writes another plan under a digest of its own. */
async function forge(plans: PlanScene, change: Change): Promise<void> {
  const { plan } = JSON.parse(await readFile(plans.path, 'utf8')) as { plan: SavedPlan }
  await plans.edit(() => formatSavedPlan(change(plan)).text)
}

describe('a plan that has succeeded', () => {
  test('takes nothing back where a later try to apply it fails', async () => {
    await using plans = await PlanScene.start([{}, {}])
    const { scene } = plans
    const [older, newer] = ['older', 'newer'].map((seed) => buildImage({ seed }))
    for (const { store } of scene.targets) older?.putInto(store, TARGET_PATH, 'stable')
    await plans.plan({ tags: 'v1\nstable', 'existing-tags': 'move' })
    assert.equal((await plans.apply()).exitCode, 0)
    const [first, second] = scene.targets
    for (const { requests } of scene.targets) requests.length = 0
    const again = await plans.apply(
      {},
      {
        onStep: (name) => {
          if (name === 'Move the tags' && second) newer?.putInto(second.store, TARGET_PATH, 'stable')
        },
      },
    )
    assert.equal(again.exitCode, 7)
    assert.deepEqual(scene.targets.flatMap(writesTo), [])
    assert.equal(first && scene.tagAt(first, 'stable'), scene.sample.image.digest)
    assert.deepEqual(plans.tags(), [
      ['stable', 'v1'],
      ['stable', 'v1'],
    ])
  })

  test('is undone by the report of a later run as well, since it knows where every tag pointed', async () => {
    await using plans = await PlanScene.start()
    const { scene } = plans
    const older = buildImage({ seed: 'older' })
    older.putInto(scene.target.store, TARGET_PATH, 'stable')
    await plans.plan({ tags: 'v1\nstable', 'existing-tags': 'move' })
    await plans.apply()
    const report = scene.path('report.json')
    const { exitCode, result } = await plans.apply({ report })
    assert.deepEqual([exitCode, result.totals.tags], [0, 0])
    assert.deepEqual(result.images[0]?.targets[0]?.tags, [
      { tag: 'v1', action: 'create', done: true },
      { tag: 'stable', action: 'move', previous: older.digest, done: true },
    ])
    const inputs = { command: 'rollback', report, lock: '', to: '', tags: '', 'public-key': '' }
    assert.equal((await scene.run(inputs)).exitCode, 0)
    assert.deepEqual(plans.tags(), [['stable']])
    assert.equal(scene.tagAt(scene.target, 'stable'), older.digest)
  })

  test('leaves what a killed run has moved to a rollback where another tag was moved since', async () => {
    await using plans = await PlanScene.start([{}, {}])
    const { scene } = plans
    await plans.plan()
    const [first, second] = scene.targets
    if (first === undefined || second === undefined) throw new Error('there are two targets')
    // As a run leaves it that is killed after its first tag.
    scene.sample.putInto(first.store, TARGET_PATH, 'v1')
    buildImage({ seed: 'theirs' }).putInto(second.store, TARGET_PATH, 'v1')
    const report = scene.path('report.json')
    assert.equal((await plans.apply({ report })).exitCode, 10)
    assert.equal(scene.tagAt(first, 'v1'), scene.sample.image.digest)
    const inputs = { command: 'rollback', report, lock: '', to: '', tags: '', 'public-key': '' }
    const { exitCode, result } = await scene.run(inputs)
    assert.deepEqual([exitCode, result.errors], [0, []])
    assert.deepEqual(plans.tags(), [[], ['v1']])
  })
})

describe('a forged plan can do no more than a list', () => {
  const forgeries: Readonly<Record<string, readonly [Change, RegExp]>> = {
    'no tag by which signatures are found': [
      (plan) => ({ ...plan, tags: [`sha256-${'0a'.repeat(32)}.sig`] }),
      /is "sha256-(?:0a)+\.sig", which cannot be a tag$/,
    ],
    'no path in the place of a tag': [
      (plan) => ({ ...plan, tags: ['../../../x/y/manifests/z'] }),
      /is "\.\.\/\.\.\/\.\.\/x\/y\/manifests\/z", which cannot be a tag$/,
    ],
    'no note for imgpkg in a place of its own': [
      (plan) => ({
        ...plan,
        locations: [{ repository: '127.0.0.1:9/other', tag: 'latest', locations: [] }],
      }),
      /tells imgpkg about a bundle that it does not bring, at 127\.0\.0\.1:9\/other:latest$/,
    ],
    'no note for imgpkg about another image': [
      (plan) => ({
        ...plan,
        locations: plan.images.flatMap(({ targets }) =>
          targets.map(({ repository }) => ({
            repository,
            tag: locationsTag(buildImage({ seed: 'another' }).digest),
            locations: [],
          })),
        ),
      }),
      /tells imgpkg about a bundle that it does not bring/,
    ],
  }
  for (const [what, [change, message]] of Object.entries(forgeries)) {
    test(what, async () => {
      await using plans = await PlanScene.start()
      await plans.plan()
      await forge(plans, change)
      const { exitCode, result } = await plans.apply()
      assert.equal(exitCode, 3)
      assert.match(result.errors[0]?.message ?? '', message)
      assert.deepEqual(writesTo(plans.scene.target), [])
    })
  }
})
