import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { copyImages } from '../../src/copy/copy-images.ts'
import { moveTags } from '../../src/copy/move-tags.ts'
import { PromotionError } from '../../src/errors.ts'
import type { Plan } from '../../src/plan/plan.ts'
import { totalsOf } from '../../src/plan/plan-totals.ts'
import { buildImage } from '../builders/build-image.ts'
import { buildKeys } from '../builders/build-keys.ts'
import { buildCompleteSample } from '../builders/build-sample.ts'
import { FULL_PROOF } from '../builders/copy-options.ts'
import { putArtifact } from '../builders/memory-sample.ts'
import { WatchedRegistries } from '../builders/watched-registries.ts'

const sample = buildCompleteSample('again', buildKeys())
const root = sample.image.digest
const older = buildImage({ seed: 'older' })
const stranger = buildImage({ seed: 'somebody else’s' })
const PLACE = 'prod.example/app'

/** The tags of a saved plan of which an earlier run was killed when it had made `v1` and moved `latest`, and `v2` was still to be made. */
async function killed() {
  const registries = new WatchedRegistries(sample)
  const repository = registries.at(PLACE)
  for (const image of [older, stranger]) putArtifact(image, repository)
  repository.tags.set('latest', older.digest)
  const saved = await registries.plan([PLACE], { tags: ['v1', 'latest', 'v2'], existingTags: 'move' })
  await copyImages(saved, registries, FULL_PROOF)
  for (const tag of ['v1', 'latest']) repository.tags.set(tag, root)
  repository.writes.length = 0
  const plan: Plan = {
    ...saved,
    images: saved.images.map((image) => ({
      ...image,
      targets: image.targets.map((target) => ({
        ...target,
        tags: target.tags.map((change) =>
          change.tag === 'v2' ? change : { ...change, isDone: true as const },
        ),
      })),
    })),
  }
  const refuseLast = () => {
    repository.before = (write) =>
      write === 'tag v2' ? Promise.reject(new PromotionError('registry', '403 for v2')) : undefined
  }
  return { registries, repository, plan, refuseLast, apply: () => moveTags(plan, registries, [1, 1]) }
}

describe('a saved plan that is applied again after its run was ended among the tags', () => {
  test('moves those that are left, and counts those of the earlier run apart', async () => {
    const { repository, plan, apply } = await killed()
    const { moved, error } = await apply()
    assert.equal(error, undefined)
    assert.deepEqual(repository.writes, ['tag v2'])
    assert.deepEqual(
      moved.map(({ tag, action, byEarlierRun }) => [tag, action, byEarlierRun]),
      [
        ['v1', 'create', true],
        ['latest', 'move', true],
        ['v2', 'create', undefined],
      ],
    )
    assert.equal(totalsOf(plan).tags, 1)
  })

  test('puts those of the earlier run back as well, when it fails', async () => {
    const { repository, refuseLast, apply } = await killed()
    refuseLast()
    const { moved, error } = await apply()
    assert.deepEqual(moved, [])
    assert.match(error?.message ?? '', /no tag is left on a new image.*403 for v2/)
    assert.deepEqual(
      [...repository.tags.keys()].filter((tag) => /^v/.test(tag)),
      [],
    )
    assert.equal(repository.tags.get('latest'), older.digest)
  })

  test('puts them back also when somebody else holds one of the tags that are left', async () => {
    const { repository, apply } = await killed()
    repository.tags.set('v2', stranger.digest)
    const { moved, error } = await apply()
    assert.deepEqual(moved, [])
    assert.equal(error?.kind, 'conflict')
    assert.equal(repository.tags.get('v1'), undefined)
    assert.equal(repository.tags.get('latest'), older.digest)
    assert.equal(repository.tags.get('v2'), stranger.digest)
  })

  test('touches nothing when a tag cannot be looked at', async () => {
    const { repository, apply } = await killed()
    const fetch = repository.fetchManifest.bind(repository)
    repository.fetchManifest = (reference) =>
      reference === 'latest' ? Promise.reject(new PromotionError('registry', '500')) : fetch(reference)
    const { moved, error } = await apply()
    assert.deepEqual([moved, error?.message], [[], '500'])
    assert.deepEqual(repository.writes, [])
  })

  test('does not mind that the image which a tag would go back to is gone', async () => {
    const { repository, apply } = await killed()
    repository.manifests.delete(older.digest)
    assert.equal((await apply()).error, undefined)
    assert.equal(repository.tags.get('v2'), root)
  })

  test('names the tag for which it is gone, when it fails', async () => {
    const { repository, refuseLast, apply } = await killed()
    repository.manifests.delete(older.digest)
    refuseLast()
    const { moved, error } = await apply()
    assert.deepEqual(
      moved.map(({ tag }) => tag),
      ['latest'],
    )
    assert.match(
      error?.message ?? '',
      new RegExp(`could not be put back: ${PLACE}:latest \\(${older.digest} is not there any more\\)`),
    )
    assert.deepEqual([repository.tags.get('v1'), repository.tags.get('latest')], [undefined, root])
  })

  test('moves a tag anew that was put back in the meantime', async () => {
    const { repository, apply } = await killed()
    repository.tags.set('latest', older.digest)
    const { moved, error } = await apply()
    assert.equal(error, undefined)
    assert.equal(repository.tags.get('latest'), root)
    assert.equal(moved.find(({ tag }) => tag === 'latest')?.byEarlierRun, undefined)
  })
})
