import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { copyBlob } from '../../src/copy/copy-blob.ts'
import type { BlobOutcome } from '../../src/copy/outcome.ts'
import { PromotionError } from '../../src/errors.ts'
import { formatRepository, parseRepositoryName } from '../../src/oci/reference.ts'
import type { BlobTransfer } from '../../src/plan/plan.ts'
import { type BuiltBlob, buildBlob } from '../builders/built-artifact.ts'
import { MemoryRegistries } from '../fakes/memory-registries.ts'
import { WatchedRepository } from '../fakes/watched-repository.ts'

const SMALL = buildBlob('application/x', 'a small blob')
const LARGE = buildBlob('application/x', Buffer.alloc(3 * 1024 * 1024, 'large'))
const SOURCE = 'dev.example/app'

/** Registries of watched repositories, the source with both blobs in it. */
class Scene {
  readonly registries = new MemoryRegistries()
  counted = 0

  constructor() {
    for (const { descriptor, bytes } of [SMALL, LARGE]) this.at(SOURCE).blobs.set(descriptor.digest, bytes)
  }

  at(place: string): WatchedRepository {
    const repository = this.registries.at(place, (name, siblings) => new WatchedRepository(name, siblings))
    assert.ok(repository instanceof WatchedRepository)
    return repository
  }

  /** Copies to places, each of which may be `place from place`; the outcomes are in the order of the places. */
  async copy(blob: BuiltBlob, ...places: readonly string[]): Promise<readonly BlobOutcome[]> {
    const targets = places.map((place) => {
      const [to = '', from] = place.split(' from ')
      for (const name of [to, from]) if (name) this.at(name)
      return { repository: parseRepositoryName(to), ...(from && { mountFrom: parseRepositoryName(from) }) }
    })
    const transfer: BlobTransfer = {
      blob: blob.descriptor,
      source: parseRepositoryName(SOURCE),
      targets,
    }
    const outcomes = await copyBlob(transfer, this.registries, (bytes) => {
      this.counted += bytes
    })
    return targets.map(({ repository }) => {
      const own = outcomes.filter((one) => formatRepository(one.repository) === formatRepository(repository))
      assert.ok(own[0] && own.length === 1)
      return own[0]
    })
  }
}

function actions(outcomes: readonly BlobOutcome[]): readonly string[] {
  return outcomes.map(({ action }) => action)
}

function refusal(): Promise<void> {
  return Promise.reject(new PromotionError('registry', '507 no space'))
}

for (const [size, blob] of [
  ['small', SMALL],
  ['large', LARGE],
] as const) {
  describe(`a ${size} blob`, () => {
    test('is read once at the source for three targets, and arrives whole in each', async () => {
      const scene = new Scene()
      const places = ['one.example/app', 'two.example/app', 'three.example/app']
      assert.deepEqual(actions(await scene.copy(blob, ...places)), ['sent', 'sent', 'sent'])
      for (const place of places)
        assert.deepEqual(scene.at(place).blobs.get(blob.descriptor.digest), blob.bytes)
      assert.deepEqual(scene.at(SOURCE).reads, [blob.descriptor.digest])
      assert.equal(scene.counted, 3 * blob.descriptor.size)
    })

    test('that one target refuses arrives in the others, and the refusal is that one’s outcome', async () => {
      const scene = new Scene()
      scene.at('full.example/app').before = refusal
      const outcomes = await scene.copy(blob, 'one.example/app', 'full.example/app', 'two.example/app')
      assert.deepEqual(actions(outcomes), ['sent', 'failed', 'sent'])
      assert.ok(outcomes[1]?.action === 'failed')
      assert.equal(outcomes[1].error.message, '507 no space')
      assert.equal(scene.counted, 2 * blob.descriptor.size)
    })

    test('that the source does not give is a failure in each target', async () => {
      const scene = new Scene()
      scene.at(SOURCE).blobs.set(blob.descriptor.digest, Buffer.from('something else'))
      const outcomes = await scene.copy(blob, 'one.example/app', 'two.example/app')
      assert.deepEqual(actions(outcomes), ['failed', 'failed'])
      assert.equal(scene.counted, 0)
    })

    test('whose upload breaks off is sent again from its beginning, and the other target is not held up', async () => {
      const scene = new Scene()
      scene.at('flaky.example/app').brokenUploads = 2
      const outcomes = await scene.copy(blob, 'flaky.example/app', 'one.example/app')
      assert.deepEqual(actions(outcomes), ['sent', 'sent'])
      for (const place of ['flaky.example/app', 'one.example/app'])
        assert.deepEqual(scene.at(place).blobs.get(blob.descriptor.digest), blob.bytes)
    })

    test('is mounted where it can be, and then not read at all', async () => {
      const scene = new Scene()
      const outcomes = await scene.copy(blob, `dev.example/prod from ${SOURCE}`)
      assert.deepEqual(actions(outcomes), ['mounted'])
      assert.deepEqual(scene.at(SOURCE).reads, [])
      assert.equal(scene.counted, 0)
    })

    test('is sent where the mount is refused', async () => {
      const scene = new Scene()
      scene.at('dev.example/prod').refusesMounts = true
      const outcomes = await scene.copy(blob, `dev.example/prod from ${SOURCE}`, 'one.example/app')
      assert.deepEqual(actions(outcomes), ['sent', 'sent'])
      assert.deepEqual(scene.at(SOURCE).reads, [blob.descriptor.digest])
    })

    test('is mounted from a repository that lacks it too, after it was sent there', async () => {
      const scene = new Scene()
      const outcomes = await scene.copy(
        blob,
        'prod.example/b from prod.example/a',
        'prod.example/a',
        'prod.example/c from prod.example/a',
      )
      assert.deepEqual(actions(outcomes), ['mounted', 'sent', 'mounted'])
      assert.deepEqual(scene.at(SOURCE).reads, [blob.descriptor.digest])
    })
  })
}

test('an upload that is begun again without having read anything does not hold up the other target', async () => {
  const scene = new Scene()
  const unread = scene.at('unread.example/app')
  const other = scene.at('one.example/app')
  const { promise: arrived, resolve } = Promise.withResolvers<void>()
  const { digest } = LARGE.descriptor
  const push = unread.pushBlob.bind(unread)
  unread.pushBlob = async (blob, open) => {
    open()
    open()
    // Only if the other one is not waiting for this one's first reading does this ever go on.
    await arrived
    await push(blob, open)
  }
  const pushOther = other.pushBlob.bind(other)
  other.pushBlob = async (blob, open) => {
    await pushOther(blob, open)
    resolve()
  }
  const outcomes = await scene.copy(LARGE, 'unread.example/app', 'one.example/app')
  assert.deepEqual(actions(outcomes), ['sent', 'sent'])
  assert.deepEqual(unread.blobs.get(digest), LARGE.bytes)
})

test('a mount that fails for another reason is a failure, and nothing is sent instead', async () => {
  const scene = new Scene()
  scene.at('dev.example/prod').before = refusal
  const outcomes = await scene.copy(SMALL, `dev.example/prod from ${SOURCE}`)
  assert.deepEqual(actions(outcomes), ['failed'])
  assert.deepEqual(scene.at(SOURCE).reads, [])
})

test('a small blob is read once also where a registry refuses to mount it from its other repository', async () => {
  const scene = new Scene()
  const refusing = scene.at('prod.example/b')
  refusing.refusesMounts = true
  const outcomes = await scene.copy(SMALL, 'prod.example/b from prod.example/a', 'prod.example/a')
  assert.deepEqual(actions(outcomes), ['sent', 'sent'])
  assert.deepEqual(scene.at(SOURCE).reads, [SMALL.descriptor.digest])
  assert.deepEqual(refusing.blobs.get(SMALL.descriptor.digest), SMALL.bytes)
})
