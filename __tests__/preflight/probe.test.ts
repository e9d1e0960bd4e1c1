import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { MEDIA_TYPES } from '../../src/oci/media-types.ts'
import { buildImage } from '../builders/build-image.ts'
import { PromotionScene, type Run, SOURCE_PATH, TARGET_PATH, writesTo } from '../builders/promotion-scene.ts'
import { FAST } from '../registry/connect.ts'

const PROBE = { preflight: 'probe' }
const PLAN = { command: 'plan', ...PROBE }
const OLDER = buildImage({ seed: 'older' })

function probeOf({ result }: Run) {
  const probe = result.preflight[0]?.probe
  assert.ok(probe)
  return probe
}

/** What a target holds besides blobs. */
function heldBy({ target }: PromotionScene) {
  const { manifests, tags, uploads } = target.store.repository(TARGET_PATH)
  return { manifests: [...manifests.keys()], tags: [...tags.keys()], uploads: uploads.size }
}

const NOTHING = { manifests: [], tags: [], uploads: 0 }

for (const referrersApi of [true, false]) {
  test(`finds out what the registry takes and leaves nothing, ${referrersApi ? 'with' : 'without'} the referrers API`, async () => {
    await using scene = await PromotionScene.start({}, [{ referrersApi }])
    const run = await scene.run(PLAN, { pace: { mergePause: 1 } })
    assert.deepEqual([run.exitCode, run.result.warnings], [2, []])
    const { mediaTypes, ...facts } = probeOf(run)
    assert.deepEqual(facts, { tags: { move: 'yes', remove: 'yes' }, lists: 'yes', left: [] })
    assert.ok(mediaTypes.every(({ taken }) => taken === 'yes'))
    const kinds = mediaTypes.map(({ kind }) => kind).join('\n')
    for (const part of [MEDIA_TYPES.ociIndex, MEDIA_TYPES.simpleSigning, 'with a subject'])
      assert.ok(kinds.includes(part), part)
    assert.equal(run.result.preflight[0]?.referrers, referrersApi ? 'api' : 'fallback tag')
    assert.deepEqual(heldBy(scene), NOTHING)
  })
}

test('a promotion that probes first brings all of the source and nothing else', async () => {
  await using scene = await PromotionScene.start()
  assert.equal((await scene.run(PROBE)).exitCode, 0)
  const { manifests, tags } = scene.source.store.repository(SOURCE_PATH)
  const { manifests: there, tags: tagsThere } = heldBy(scene)
  assert.deepEqual(there.toSorted(), [...manifests.keys()].toSorted())
  assert.deepEqual(tagsThere.toSorted(), [...tags.keys()].toSorted())
  const again = await scene.run(PROBE)
  assert.deepEqual([again.exitCode, again.result.preflight], [0, []])
})

test('a media type that is refused is named with the words of the registry, and nothing is copied', async () => {
  const refusedManifests = { status: 415, code: 'UNSUPPORTED', message: 'no such things here' }
  await using scene = await PromotionScene.start({}, [
    { refusedManifests: { ...refusedManifests, matching: /simplesigning/ } },
  ])
  const run = await scene.run(PROBE)
  assert.equal(run.exitCode, 4)
  const refused = probeOf(run).mediaTypes.filter(({ taken }) => taken === 'no')
  assert.equal(refused.length, 1)
  const [error, ...others] = run.result.errors
  const text = `/prod/app does not take what the plan would push, ${refused[0]?.kind}: PUT`
  assert.ok(error?.message.includes(text), error?.message)
  assert.match(error?.message ?? '', /answered 415: UNSUPPORTED: no such things here/)
  assert.deepEqual([others, heldBy(scene)], [[], NOTHING])
  assert.equal(run.reporter.steps.at(-1), 'Preflight')
})

describe('tags that cannot be moved', () => {
  test('end a promotion that would move one', async () => {
    await using scene = await PromotionScene.start({}, [{ immutableTags: true }])
    OLDER.putInto(scene.target.store, TARGET_PATH, 'v1')
    const before = heldBy(scene)
    const run = await scene.run({ ...PROBE, 'existing-tags': 'move' })
    assert.equal(run.exitCode, 4)
    assert.match(
      run.result.errors[0]?.message ?? '',
      /\/prod\/app:v1 cannot be moved: PUT .* answered 409: DENIED: the tag .* is immutable/,
    )
    assert.deepEqual(probeOf(run).tags, { move: 'no', remove: 'yes' })
    assert.deepEqual(heldBy(scene), before)
  })

  test('do not keep a new one from being made', async () => {
    await using scene = await PromotionScene.start({}, [{ immutableTags: true }])
    const run = await scene.run(PROBE)
    assert.deepEqual([run.exitCode, probeOf(run).tags.move], [0, 'no'])
  })
})

test('what cannot be deleted is named, in the report and as a warning, and does no harm', async () => {
  await using scene = await PromotionScene.start({}, [{ tagDeletion: false, manifestDeletion: false }])
  const run = await scene.run(PLAN)
  assert.equal(run.exitCode, 2)
  const { left, tags, mediaTypes } = probeOf(run)
  assert.deepEqual(tags, { move: 'yes', remove: 'no' })
  const held = heldBy(scene)
  assert.equal(left.length, held.manifests.length + 1)
  assert.ok(held.manifests.length > mediaTypes.length)
  assert.ok(held.manifests.every((digest) => left.some((place) => place.endsWith(`/prod/app@${digest}`))))
  assert.match(left.find((place) => !place.includes('@')) ?? '', /\/prod\/app:signed-promote-probe-/)
  const [deletion, kept] = run.result.warnings
  assert.match(deletion ?? '', /\/prod\/app lets no tag be deleted/)
  assert.ok(kept?.includes(left.join(', ')))
})

test('a tag that only goes away with its manifest has gone', async () => {
  await using scene = await PromotionScene.start({}, [{ tagDeletion: false }])
  const run = await scene.run(PLAN)
  assert.deepEqual(probeOf(run).left, [])
  assert.deepEqual(heldBy(scene), NOTHING)
})

/** Probes a registry without the referrers API, and is stopped when the first manifest whose path matches has been written. */
async function stopAfter(scene: PromotionScene, written: RegExp): Promise<Run> {
  const controller = new AbortController()
  scene.target.fault(
    ({ method, path }) => method === 'PUT' && written.test(path),
    1,
    (_, proceed) => {
      const answer = proceed()
      controller.abort(new Error('stopped'))
      return answer
    },
  )
  const run = await scene.run(PROBE, { controller, pace: { retry: FAST } })
  assert.notEqual(run.exitCode, 0)
  assert.ok(writesTo(scene.target).some(({ path }) => written.test(path)))
  return run
}

for (const [what, written] of [
  ['its tag', /\/manifests\/signed-promote-probe-/],
  ['a list of referrers', /\/manifests\/sha256-[0-9a-f]{64}$/],
] as const) {
  test(`an interruption right after ${what} was written leaves nothing either`, async () => {
    await using scene = await PromotionScene.start({}, [{ referrersApi: false }])
    const run = await stopAfter(scene, written)
    assert.deepEqual([probeOf(run).left, heldBy(scene)], [[], NOTHING])
  })

  test(`an interruption right after ${what} was written names what cannot be deleted`, async () => {
    await using scene = await PromotionScene.start({}, [
      { referrersApi: false, tagDeletion: false, manifestDeletion: false },
    ])
    const run = await stopAfter(scene, written)
    const held = heldBy(scene)
    const names = [...held.tags, ...held.manifests]
    const { left } = probeOf(run)
    assert.deepEqual(
      left.map((place) => place.slice(place.search(/(?<=app)[:@]/) + 1)).toSorted(),
      names.toSorted(),
    )
    assert.ok(run.result.warnings.some((warning) => warning.includes(left.join(', '))))
    assert.equal(run.result.errors.filter(({ message }) => message.includes('stopped')).length, 1)
  })
}
