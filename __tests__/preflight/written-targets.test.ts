import assert from 'node:assert/strict'
import { test } from 'node:test'
import { copyImages } from '../../src/copy/copy-images.ts'
import { moveTags } from '../../src/copy/move-tags.ts'
import { type WrittenTarget, writtenTargets } from '../../src/preflight/written-targets.ts'
import { buildKeys } from '../builders/build-keys.ts'
import { buildCompleteSample } from '../builders/build-sample.ts'
import { FULL_PROOF } from '../builders/copy-options.ts'
import { WatchedRegistries } from '../builders/watched-registries.ts'

const ONE = 'prod.example/one'
const TWO = 'prod.example/two'
const KEYS = buildKeys()

function namesOf(targets: readonly WrittenTarget[]): readonly string[] {
  return targets.map(({ repository }) => `${repository.registry}/${repository.path}`)
}

test('each repository is there once, with all that is pushed there', async () => {
  const samples = ['a', 'b'].map((seed) => buildCompleteSample(seed, KEYS))
  const registries = new WatchedRegistries(...samples)
  const targets = writtenTargets(await registries.plan([ONE, TWO]))
  assert.deepEqual(namesOf(targets), [ONE, TWO])
  for (const { manifests, referrers, tags, location } of targets) {
    const pushed = new Set(manifests.map(({ descriptor }) => descriptor.digest))
    for (const { artifact } of samples.flatMap(({ attached }) => attached))
      assert.ok(pushed.has(artifact.digest))
    assert.equal(referrers.length, 8)
    assert.deepEqual(tags, [])
    assert.equal(location?.line, 1)
  }
})

test('a target that has everything is not among them, unless a tag is to be made there', async () => {
  const sample = buildCompleteSample('a', KEYS)
  const registries = new WatchedRegistries(sample)
  const plan = await registries.plan([ONE], { tags: ['v1'] })
  await copyImages(plan, registries, FULL_PROOF)
  const [tagged, ...others] = writtenTargets(await registries.plan([ONE], { tags: ['v1'] }))
  assert.deepEqual(others, [])
  assert.deepEqual(
    [tagged?.manifests.map(({ descriptor }) => descriptor.digest), tagged?.referrers, tagged?.tags],
    [[sample.image.digest], [], [{ tag: 'v1', action: 'create' }]],
  )
  await moveTags(plan, registries)
  assert.deepEqual(writtenTargets(await registries.plan([ONE], { tags: ['v1'] })), [])
})

test('a target that lost a blob under a manifest of its own is among them', async () => {
  const sample = buildCompleteSample('a', KEYS)
  const registries = new WatchedRegistries(sample)
  await copyImages(await registries.plan([ONE]), registries, FULL_PROOF)
  const lost = sample.children[0]?.blobs[0]?.descriptor.digest
  assert.ok(lost && registries.at(ONE).blobs.delete(lost))
  assert.deepEqual(writtenTargets(await registries.plan([ONE])), [])
  const [mended] = writtenTargets(await registries.plan([ONE], {}, 'ask for every blob'))
  assert.deepEqual([mended?.manifests, mended?.referrers, mended?.tags], [[], [], []])
})
