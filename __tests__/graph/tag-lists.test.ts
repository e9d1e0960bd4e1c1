import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TagLists } from '../../src/graph/tag-lists.ts'
import { attachedTag, fallbackTag } from '../../src/oci/attached-tag.ts'
import { digestOf } from '../../src/oci/digest.ts'
import { imgpkgTag, locationsTag } from '../../src/oci/imgpkg-tag.ts'
import type { RepositoryName } from '../../src/oci/reference.ts'
import { WatchedRepository } from '../fakes/watched-repository.ts'

const NAME = { registry: 'dev.example', path: 'app' }
const SIG = attachedTag(digestOf('image'), 'sig')

/** A repository with these tags, or without a list of them. */
function tagged(tags: readonly string[] | undefined, name: RepositoryName = NAME): WatchedRepository {
  class TaggedRepository extends WatchedRepository {
    override async listTags(mostPages: number): Promise<ReadonlySet<string>> {
      await super.listTags(mostPages)
      // As the interface says; the fake always has a list.
      return tags === undefined ? (undefined as never) : new Set(tags)
    }
  }
  return new TaggedRepository(name)
}

for (const tag of [SIG, attachedTag(digestOf('image'), 'att'), fallbackTag(digestOf('image'))]) {
  test(`a list that shows ${tag.replace(/[0-9a-f]{56}/, '…')} shows all of them, and is believed`, async () => {
    assert.deepEqual(await new TagLists(1).of(tagged(['v1', tag])), new Set(['v1', tag]))
  })
}

for (const [what, tags] of [
  ['that shows no tag of a digest', ['v1', 'sha256-short.sig', 'latest']],
  ['that shows only tags of imgpkg', [imgpkgTag(digestOf('image')), locationsTag(digestOf('image'))]],
  ['that is empty', []],
  ['that there is not', undefined],
] as const) {
  test(`a list ${what} says nothing: such tags may be left out of it`, async () => {
    assert.equal(await new TagLists(1).of(tagged(tags)), undefined)
  })
}

test('each repository is asked once, however many images in it are looked at, at once or later', async () => {
  const lists = new TagLists(1)
  const [one, other] = [tagged([SIG]), tagged(undefined, { ...NAME, path: 'other' })]
  await Promise.all([one, other, one, other].map((repository) => lists.of(repository)))
  assert.deepEqual(await lists.of(one), new Set([SIG]))
  assert.equal(await lists.of(other), undefined)
  assert.deepEqual([one.asked, other.asked], [['tags 11'], ['tags 11']])
})

test('a repository that cannot be reached is an error for all who ask', async () => {
  const lists = new TagLists(1)
  const repository = tagged([SIG])
  repository.listTags = () => Promise.reject(new Error('no answer'))
  for (const _ of [1, 2]) await assert.rejects(lists.of(repository), /no answer/)
})

test('for many images a longer list is worth its pages', async () => {
  for (const [images, pages] of [
    [1, 11],
    [90, 100],
  ] as const) {
    const repository = tagged([SIG])
    await new TagLists(images).of(repository)
    assert.deepEqual(repository.asked, [`tags ${pages}`])
  }
})
