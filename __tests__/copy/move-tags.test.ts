import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { copyImages } from '../../src/copy/copy-images.ts'
import { type MovedTag, moveTags } from '../../src/copy/move-tags.ts'
import { PromotionError } from '../../src/errors.ts'
import { formatReference } from '../../src/oci/reference.ts'
import type { Plan } from '../../src/plan/plan.ts'
import { buildImage } from '../builders/build-image.ts'
import { buildKeys } from '../builders/build-keys.ts'
import { buildCompleteSample } from '../builders/build-sample.ts'
import { FULL_PROOF } from '../builders/copy-options.ts'
import { putArtifact } from '../builders/memory-sample.ts'
import { WatchedRegistries } from '../builders/watched-registries.ts'
import type { WatchedRepository } from '../fakes/watched-repository.ts'

const sample = buildCompleteSample('tags', buildKeys())
const root = sample.image.digest
const older = buildImage({ seed: 'older' })
const stranger = buildImage({ seed: 'somebody else’s' })
const [FIRST, SECOND] = ['prod.example/app', 'eu.example/app']

/** Two targets that have all but the tags; in the first, `latest` points at an older image. */
async function copied(tags: readonly string[]) {
  const registries = new WatchedRegistries(sample)
  for (const place of [FIRST, SECOND]) {
    putArtifact(older, registries.at(place))
    putArtifact(stranger, registries.at(place))
  }
  registries.at(FIRST).tags.set('latest', older.digest)
  const plan = await registries.plan([FIRST, SECOND], { tags, existingTags: 'move' })
  await copyImages(plan, registries, FULL_PROOF)
  for (const place of [FIRST, SECOND]) registries.at(place).writes.length = 0
  const pointsAt = (tag: string) => [FIRST, SECOND].map((place) => registries.at(place).tags.get(tag))
  const writes = () => [FIRST, SECOND].flatMap((place) => registries.at(place).writes)
  return { registries, plan, pointsAt, writes }
}

/** Without the waits for slow caches. */
function move(plan: Plan, registries: WatchedRegistries) {
  return moveTags(plan, registries, [1, 1])
}

/** Lets a repository answer with the manifest that it had under a tag, so many times after the tag is written. */
function answerLate(repository: WatchedRepository, tag: string, times: number): void {
  const fetch = repository.fetchManifest.bind(repository)
  const old = repository.tags.get(tag)
  let left = times
  repository.fetchManifest = async (reference) => {
    if (reference !== tag || repository.tags.get(tag) === old || left === 0) return fetch(reference)
    left -= 1
    return old && fetch(old)
  }
}

function names(moved: readonly MovedTag[]): readonly string[] {
  return moved.map(({ repository, tag, action }) => `${action} ${formatReference({ repository, tag })}`)
}

function refuse(what: string) {
  return (write: string) =>
    write === what ? Promise.reject(new PromotionError('registry', `403 for ${what}`)) : undefined
}

test('every tag ends at the image, those that were made and those that were moved', async () => {
  const { registries, plan, pointsAt } = await copied(['v1', 'latest'])
  const { moved, error } = await move(plan, registries)
  assert.equal(error, undefined)
  assert.deepEqual(names(moved), [
    `create ${FIRST}:v1`,
    `move ${FIRST}:latest`,
    `create ${SECOND}:v1`,
    `create ${SECOND}:latest`,
  ])
  assert.deepEqual([...pointsAt('v1'), ...pointsAt('latest')], [root, root, root, root])
})

test('a tag that points at the image already is not written', async () => {
  const { registries } = await copied(['v1'])
  registries.at(FIRST).tags.set('v1', root)
  const plan = await registries.plan([FIRST], { tags: ['v1'] })
  const { moved, error } = await move(plan, registries)
  assert.deepEqual([moved, error], [[], undefined])
  assert.deepEqual(registries.at(FIRST).writes, [])
})

test('a tag that another run has brought to the image since the plan is left where it is', async () => {
  const { registries, plan, pointsAt, writes } = await copied(['v1', 'latest'])
  for (const tag of ['v1', 'latest']) registries.at(FIRST).tags.set(tag, root)
  const { moved, error } = await move(plan, registries)
  assert.equal(error, undefined)
  assert.deepEqual(names(moved), [`create ${SECOND}:v1`, `create ${SECOND}:latest`])
  assert.deepEqual([...pointsAt('v1'), ...pointsAt('latest')], [root, root, root, root])
  assert.equal(writes().length, 2)
})

describe('a tag that somebody else moved since the plan stops it before the first move', () => {
  for (const [what, tag, to] of [
    ['made', 'v1', stranger.digest],
    ['moved', 'latest', stranger.digest],
    ['removed', 'latest', undefined],
  ] as const) {
    test(what, async () => {
      const { registries, plan, writes } = await copied(['v1', 'latest'])
      const last = registries.at(to === undefined ? FIRST : SECOND)
      if (to === undefined) last.tags.delete(tag)
      else last.tags.set(tag, to)
      const { moved, error } = await move(plan, registries)
      assert.deepEqual(moved, [])
      assert.equal(error?.kind, 'conflict')
      assert.match(error?.message ?? '', new RegExp(`:${tag} points at ${to ?? 'nothing'} now, but at `))
      assert.deepEqual(writes(), [])
    })
  }

  test('although the plan wanted to keep it', async () => {
    const { registries } = await copied(['v1'])
    registries.at(SECOND).tags.set('v1', root)
    const plan = await registries.plan([FIRST, SECOND], { tags: ['v1'] })
    registries.at(SECOND).tags.set('v1', stranger.digest)
    const { error } = await move(plan, registries)
    assert.equal(error?.kind, 'conflict')
    assert.equal(registries.at(FIRST).tags.get('v1'), undefined)
  })
})

describe('a failure puts back what was moved', () => {
  test('an existing tag is pointed where it was, a new one is removed', async () => {
    const { registries, plan, pointsAt } = await copied(['v1', 'latest'])
    registries.at(SECOND).before = refuse('tag latest')
    const { moved, error } = await move(plan, registries)
    assert.deepEqual(moved, [])
    assert.equal(error?.kind, 'registry')
    assert.match(error?.message ?? '', /no tag is left on a new image.*403 for tag latest/)
    assert.ok(error?.cause instanceof PromotionError)
    assert.deepEqual(pointsAt('v1'), [undefined, undefined])
    assert.deepEqual(pointsAt('latest'), [older.digest, undefined])
  })

  test('also the tag whose answer was a failure although it moved', async () => {
    const { registries, plan, pointsAt } = await copied(['latest'])
    const first = registries.at(FIRST)
    const tag = first.tag.bind(first)
    first.tag = async (name, manifest) => {
      await tag(name, manifest)
      if (manifest.descriptor.digest === root) throw new PromotionError('registry', '500')
    }
    const { error } = await move(plan, registries)
    assert.equal(error?.kind, 'registry')
    assert.deepEqual(pointsAt('latest'), [older.digest, undefined])
  })

  test('but not what another hand has moved on meanwhile', async () => {
    const { registries, plan, pointsAt } = await copied(['v1', 'latest'])
    registries.at(SECOND).before = (write) => {
      if (write !== 'tag v1') return undefined
      registries.at(FIRST).tags.set('latest', stranger.digest)
      return refuse(write)(write)
    }
    const { moved, error } = await move(plan, registries)
    assert.ok(error)
    assert.deepEqual(moved, [])
    assert.deepEqual(pointsAt('latest'), [stranger.digest, undefined])
    assert.deepEqual(pointsAt('v1'), [undefined, undefined])
  })

  for (const [what, place] of [
    ['a registry that cannot delete tags', 'cannot'],
    ['a registry that fails again', 'fails'],
  ] as const) {
    test(`${what} is named with the tag that it keeps`, async () => {
      const { registries, plan, pointsAt } = await copied(['v1'])
      if (place === 'cannot') registries.at(FIRST).removeTag = async () => false
      else registries.at(FIRST).before = refuse('remove v1')
      registries.at(SECOND).before = refuse('tag v1')
      const { moved, error } = await move(plan, registries)
      assert.deepEqual(names(moved), [`create ${FIRST}:v1`])
      assert.match(
        error?.message ?? '',
        /these could not be put back: prod\.example\/app:v1\): 403 for tag v1/,
      )
      assert.deepEqual(pointsAt('v1'), [root, undefined])
    })
  }
})

test('a registry that takes a tag and does not keep it is found out', async () => {
  const { registries, plan } = await copied(['v1'])
  const first = registries.at(FIRST)
  first.tag = async () => {}
  const { error } = await move(plan, registries)
  assert.equal(error?.kind, 'incomplete')
  assert.match(error?.message ?? '', /was moved to sha256:\w+, but points at nothing/)
  assert.equal(registries.at(SECOND).tags.get('v1'), undefined)
})

describe('a registry that shows a tag late', () => {
  for (const [tag, before] of [
    ['latest', older.digest],
    ['v1', undefined],
  ] as const) {
    const what = before === undefined ? 'a new tag' : 'a moved tag'

    test(`is given a moment for ${what}`, async () => {
      const { registries, plan, pointsAt } = await copied([tag])
      answerLate(registries.at(FIRST), tag, 2)
      const { moved, error } = await move(plan, registries)
      assert.equal(error, undefined)
      assert.equal(moved.length, 2)
      assert.deepEqual(pointsAt(tag), [root, root])
    })

    test(`for longer than that has ${what} put back, although it looks as if it never moved`, async () => {
      const { registries, plan, pointsAt } = await copied([tag])
      answerLate(registries.at(FIRST), tag, Number.POSITIVE_INFINITY)
      const { moved, error } = await move(plan, registries)
      assert.equal(error?.kind, 'incomplete')
      assert.match(error?.message ?? '', /no tag is left on a new image/)
      assert.deepEqual(moved, [])
      assert.deepEqual(pointsAt(tag), [before, undefined])
    })
  }

  for (const [what, remove] of [
    ['does not allow', async () => false],
    ['fails at', () => Promise.reject(new PromotionError('registry', '500'))],
  ] as const) {
    test(`and ${what} its removal keeps a tag that it took, although it looks as if it were gone`, async () => {
      const { registries, plan, pointsAt } = await copied(['v1'])
      answerLate(registries.at(FIRST), 'v1', Number.POSITIVE_INFINITY)
      registries.at(FIRST).removeTag = remove
      const { moved, error } = await move(plan, registries)
      assert.deepEqual(names(moved), [`create ${FIRST}:v1`])
      assert.match(error?.message ?? '', /these could not be put back: prod\.example\/app:v1\)/)
      assert.deepEqual(pointsAt('v1'), [root, undefined])
    })
  }

  test('is not asked by the short way, which caches answer', async () => {
    const { registries, plan } = await copied(['v1'])
    registries.at(FIRST).resolve = async () => older.descriptor
    assert.equal((await move(plan, registries)).error, undefined)
  })
})

test('a tag that was said to be removed and is still there is named, and counted as moved', async () => {
  const { registries, plan, pointsAt } = await copied(['v1'])
  registries.at(FIRST).removeTag = async () => true
  registries.at(SECOND).before = refuse('tag v1')
  const { moved, error } = await move(plan, registries)
  assert.deepEqual(names(moved), [`create ${FIRST}:v1`])
  assert.match(error?.message ?? '', /these could not be put back: prod\.example\/app:v1\)/)
  assert.deepEqual(pointsAt('v1'), [root, undefined])
})

test('a tag that the registry refused to make needs no removal where none is allowed', async () => {
  const { registries, plan } = await copied(['v1'])
  registries.at(FIRST).before = refuse('tag v1')
  registries.at(FIRST).removeTag = async () => false
  const { moved, error } = await move(plan, registries)
  assert.deepEqual(moved, [])
  assert.match(error?.message ?? '', /no tag is left on a new image/)
})

test('tags are moved side by side; when one fails no other is begun, and those under way go back', async () => {
  const tags = Array.from({ length: 40 }, (_, number) => `v${number}`)
  const { registries, plan, pointsAt, writes } = await copied(tags)
  const target = registries.at(FIRST)
  const { promise: failed, resolve: fail } = Promise.withResolvers<void>()
  const begun: string[] = []
  target.before = async (write) => {
    if (!write.startsWith('tag ')) return
    begun.push(write)
    if (write !== 'tag v0') return await failed
    for (let turn = 0; turn < 10; turn++) await new Promise(setImmediate)
    fail()
    throw new PromotionError('registry', '403 for v0')
  }
  const { moved, error } = await move(plan, registries)
  assert.match(error?.message ?? '', /no tag is left on a new image.*403 for v0/)
  assert.deepEqual(moved, [])
  for (const tag of tags) assert.deepEqual(pointsAt(tag), [undefined, undefined])
  assert.ok(begun.length > 1 && begun.length < tags.length, `${begun.length} were begun`)
  assert.deepEqual(
    writes()
      .filter((write) => write.startsWith('tag '))
      .toSorted(),
    begun.slice(1).toSorted(),
  )
})
