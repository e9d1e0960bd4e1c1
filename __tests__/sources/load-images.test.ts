import assert from 'node:assert/strict'
import { mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { type FileLocation, PromotionError } from '../../src/errors.ts'
import { type Digest, parseDigest } from '../../src/oci/digest.ts'
import { formatReference, type Reference, type TaggedReference } from '../../src/oci/reference.ts'
import { imagesLockDocument } from '../../src/sources/images-lock-document.ts'
import { loadImages } from '../../src/sources/load-images.ts'
import { parseImagesLock } from '../../src/sources/parse-images-lock.ts'
import type { ImageSources, ListedImage } from '../../src/sources/source.ts'
import { uniqueImages } from '../../src/sources/unique-images.ts'
import { buildLock, type LockEntry } from '../builders/build-lock.ts'
import { placesOf, problemsOf } from '../builders/problems-of.ts'

const ONE = parseDigest(`sha256:${'1'.repeat(64)}`)
const TWO = parseDigest(`sha256:${'2'.repeat(64)}`)

/** Only some lists need more than to know what a tag means. */
const unasked = (reference: Reference) => assert.fail(`nobody asks for ${formatReference(reference)}`)

class Desk {
  readonly folder = mkdtempSync(join(tmpdir(), 'load-images-'))
  readonly asked: string[] = []
  readonly warnings: (readonly [string, FileLocation | undefined])[] = []
  readonly tags = new Map<string, Digest | PromotionError>()

  constructor(context: TestContext) {
    context.after(() => rmSync(this.folder, { recursive: true }))
  }

  lock(file: string, entries: readonly LockEntry[]): void {
    writeFileSync(join(this.folder, file), buildLock(entries))
  }

  async load(lock: readonly string[], images: readonly string[], outputs: readonly string[] = []) {
    return (await this.loadAll({ lock, images, outputs })).entries
  }

  loadAll(sources: Partial<ImageSources>) {
    const resolve = async (reference: TaggedReference) => {
      const name = formatReference(reference)
      this.asked.push(name)
      const answer = this.tags.get(name)
      if (answer instanceof PromotionError) throw answer
      return answer
    }
    const warn = (message: string, location?: FileLocation) => void this.warnings.push([message, location])
    const none = { lock: [], images: [], bundles: [], outputs: [], from: undefined }
    return loadImages(
      { ...none, workingDirectory: this.folder, ...sources },
      { resolve, fetch: unasked },
      warn,
    )
  }
}

test('reads locks and references in their order and asks nothing about digests', async (context) => {
  const desk = new Desk(context)
  desk.lock('b.yml', [{ image: `r.example/b@${ONE}`, annotations: { k: 'v' } }])
  desk.lock('a.yml', [{ image: `r.example/a@${ONE}` }])
  const images = await desk.load(['b.yml', 'a.yml'], [`r.example/c@${TWO}`])
  assert.deepEqual(
    images.map(({ reference }) => formatReference(reference)),
    [`r.example/b@${ONE}`, `r.example/a@${ONE}`, `r.example/c@${TWO}`],
  )
  assert.deepEqual(images[0]?.annotations, { k: 'v' })
  assert.deepEqual(images[0]?.location, { file: 'b.yml', line: 6, column: 10 })
  assert.deepEqual([desk.asked, desk.warnings], [[], []])
})

test('resolves a tag once, pins it and warns', async (context) => {
  const desk = new Desk(context)
  desk.tags.set('r.example/app:v1', ONE)
  const images = await desk.load([], ['r.example/app:v1'])
  assert.deepEqual(images[0]?.reference, { repository: { registry: 'r.example', path: 'app' }, digest: ONE })
  assert.equal(images[0]?.written, 'r.example/app:v1')
  assert.deepEqual(desk.asked, ['r.example/app:v1'])
  assert.deepEqual(desk.warnings, [
    [
      `"r.example/app:v1" is a tag, which may move; it was pinned as r.example/app@${ONE} for this run`,
      undefined,
    ],
  ])
})

test('says which tag a reference without one means', async (context) => {
  const desk = new Desk(context)
  desk.tags.set('r.example/shop/web:latest', ONE)
  await desk.load([], ['r.example/shop/web'])
  desk.tags.set('r.example:5000/latest:latest', ONE)
  await desk.load([], ['r.example:5000/latest:latest'])
  assert.deepEqual(
    desk.warnings.map(([message]) => message),
    [
      `"r.example/shop/web" has no tag, so :latest is meant; it was pinned as r.example/shop/web@${ONE} for this run`,
      `"r.example:5000/latest:latest" is a tag, which may move; it was pinned as r.example:5000/latest@${ONE} for this run`,
    ],
  )
})

test('refuses tags that do not exist, and keeps the registry’s own words, together', async (context) => {
  const desk = new Desk(context)
  const forbidden = new PromotionError('registry', 'r.example said 403')
  desk.tags.set('r.example/b:v1', forbidden)
  const problems = await problemsOf(() => desk.load([], ['r.example/a:v1', 'r.example/b:v1']))
  assert.equal(problems[0]?.kind, 'input')
  assert.equal(problems[0].message, '"r.example/a:v1" does not exist: the registry has no r.example/a:v1')
  assert.equal(problems[1], forbidden)
})

test('drops in silence what another source repeats exactly', async (context) => {
  const desk = new Desk(context)
  const image = `r.example/app@${ONE}`
  const annotations = { k: 'v', l: 'w' }
  desk.lock('a.yml', [{ image, annotations }, { image }])
  desk.lock('b.yml', [{ image, annotations: { l: 'w', k: 'v' } }])
  desk.tags.set('r.example/app:v1', ONE)
  const entries = await desk.load(['*.yml'], [image, 'r.example/app:v1'])
  assert.deepEqual(
    entries.map((entry) => [entry.annotations, entry.location?.file]),
    [
      [annotations, 'a.yml'],
      [{}, 'a.yml'],
    ],
  )
})

test('keeps every entry of an image with other annotations, in their order, without a warning', async (context) => {
  const desk = new Desk(context)
  const image = `r.example/app@${ONE}`
  const other = `r.example/other@${TWO}`
  desk.lock('a.yml', [
    { image, annotations: { k: '1' } },
    { image: other },
    { image, annotations: { k: '2' } },
  ])
  desk.lock('b.yml', [{ image, annotations: { k: '3' } }])
  const entries = await desk.load(['a.yml', 'b.yml'], [image])
  assert.deepEqual(
    entries.map(({ written, annotations }) => [written, annotations.k]),
    [
      [image, '1'],
      [other, undefined],
      [image, '2'],
      [image, '3'],
      [image, undefined],
    ],
  )
  assert.deepEqual(desk.warnings, [])
})

test('refuses a lock that an output would overwrite, also one that a pattern or a link finds', async (context) => {
  const desk = new Desk(context)
  desk.lock('a.yml', [{ image: `r.example/app@${ONE}` }])
  desk.lock('b.yml', [{ image: `r.example/app@${ONE}` }])
  symlinkSync('b.yml', join(desk.folder, 'link.yml'))
  const files = async (lock: readonly string[], output: string) => {
    const problems = await problemsOf(() => desk.load(lock, [], ['elsewhere.yml', output]))
    return problems.map(({ kind, location, message }) => {
      assert.deepEqual(
        [kind, message],
        ['input', '`lock-output` would overwrite this file, which `lock` names'],
      )
      return location?.file
    })
  }
  assert.deepEqual(await files(['*.yml'], './a.yml'), ['a.yml'])
  assert.deepEqual(await files(['link.yml'], realpathSync(join(desk.folder, 'b.yml'))), ['link.yml'])
  assert.deepEqual(await files(['link.yml'], 'link.yml'), ['link.yml'])
  assert.deepEqual(await files(['b.yml'], 'a.yml'), [])
})

test('reports the problems of all sources together', async (context) => {
  const desk = new Desk(context)
  desk.lock('a.yml', [{ image: 'r.example/app:v1' }])
  desk.lock('b.yml', [{ image: 'r.example/App' }])
  const problems = await problemsOf(() => desk.load(['a.yml', 'missing.yml', 'b.yml'], ['Bad']))
  assert.equal(problems.length, 4)
  const places = placesOf(problems)
  assert.equal(places[0], 'undefined:undefined The file does not exist')
  assert.equal(problems[0]?.location?.file, 'missing.yml')
  assert.equal(places[1], '4:10 "r.example/app:v1" has a tag where a digest must be')
  assert.equal(problems[2]?.location?.file, 'b.yml')
  assert.match(places[3] ?? '', /"Bad"/)
})

test('asks no registry while a source has a problem', async (context) => {
  const desk = new Desk(context)
  desk.tags.set('r.example/app:v1', ONE)
  const problems = await problemsOf(() => desk.load(['missing.yml'], ['r.example/app:v1']))
  assert.equal(problems.length, 1)
  assert.deepEqual(desk.asked, [])
})

test('refuses sources that list no image, each with its file', async (context) => {
  const desk = new Desk(context)
  desk.lock('a.yml', [])
  desk.lock('b.yml', [])
  const problems = await problemsOf(() => desk.load(['a.yml', 'b.yml'], []))
  assert.deepEqual(
    problems.map(({ kind, message, location }) => [kind, message, location?.file]),
    ['a.yml', 'b.yml'].map((file) => ['input', 'There is no image to work on: "images" is empty', file]),
  )
  desk.lock('b.yml', [{ image: `r.example/app@${ONE}` }])
  assert.equal((await desk.load(['a.yml', 'b.yml'], [])).length, 1)
})

test('takes what `bundle` names for bundles, and gives a single one back as a BundleLock', async (context) => {
  const desk = new Desk(context)
  desk.tags.set('r.example/app:v1', ONE)
  const { entries, document } = await desk.loadAll({ bundles: ['r.example/app:v1'] })
  assert.deepEqual(
    entries.map(({ reference, isBundle, originTags }) => [formatReference(reference), isBundle, originTags]),
    [[`r.example/app@${ONE}`, true, ['v1']]],
  )
  assert.equal(desk.warnings.length, 1)
  const place = () => ({ reference: entries[0]?.reference ?? assert.fail(), tag: undefined })
  assert.match(document.rewrite(place), /^kind: BundleLock$/m)
  for (const more of [
    { bundles: ['r.example/app:v1', `r.example/b@${ONE}`] },
    { bundles: [`r.example/b@${ONE}`], images: [`r.example/c@${ONE}`] },
  ]) {
    assert.match((await desk.loadAll(more)).document.rewrite(place), /^kind: ImagesLock$/m)
  }
})

test('the tag in front of a digest is one by which the image is known, of a bundle too', async (context) => {
  const pinned = [`r.example/app:v1@${ONE}`]
  for (const listed of [{ images: pinned }, { bundles: pinned }]) {
    const { entries } = await new Desk(context).loadAll(listed)
    assert.deepEqual(
      entries.map(({ originTags }) => originTags),
      [['v1']],
    )
  }
})

test('an entry that repeats another adds to it what only it says', async (context) => {
  const desk = new Desk(context)
  const image = `r.example/app@${ONE}`
  desk.lock('a.yml', [{ image }])
  const listed = { reference: { repository: { registry: 'r.example', path: 'app' }, digest: ONE } }
  const terms = { verify: { by: 'key', publicKey: 'cosign.pub' } } as const
  const more = { ...listed, written: 'app', annotations: {}, originTags: ['v1'], terms }
  const compose = () => Promise.resolve({ listed: [more], rewrite: () => '', files: [] })
  const { entries } = await desk.loadAll({ lock: ['a.yml'], bundles: [image], compose })
  assert.deepEqual(
    entries.map((entry) => [entry.written, entry.originTags, entry.isBundle, entry.terms]),
    [[image, ['v1'], true, terms]],
  )
})

test('the list that came with the images counts where nothing else is listed, and is not read otherwise', async (context) => {
  const desk = new Desk(context)
  const [one, two] = [`r.example/one@${ONE}`, `r.example/two@${TWO}`]
  desk.lock('a.yml', [{ image: one }])
  const archived = () =>
    Promise.resolve(imagesLockDocument(parseImagesLock(buildLock([{ image: two }]), 'f')))
  const unread = () => assert.fail('the list is not asked for')
  const writtenIn = (entries: readonly ListedImage[]) => entries.map(({ written }) => written)
  assert.deepEqual(writtenIn((await desk.loadAll({ archived })).entries), [two])
  for (const listed of [{ lock: ['a.yml'] }, { images: [one] }, { bundles: [one] }]) {
    assert.deepEqual(writtenIn((await desk.loadAll({ ...listed, archived: unread })).entries), [one])
  }
})

test('refuses a bundle that is named twice', async (context) => {
  const problems = await problemsOf(() => new Desk(context).loadAll({ bundles: ['a/b', 'a/b:latest'] }))
  assert.deepEqual(
    problems.map(({ message }) => message),
    ['"a/b:latest" is listed twice in `bundle`, also as "a/b"'],
  )
})

test('an image that is listed by two tags is known by both', async (context) => {
  const desk = new Desk(context)
  desk.tags.set('r.example/app:v1', ONE)
  desk.tags.set('r.example/app:v2', ONE)
  const entries = await desk.load([], ['r.example/app:v1', 'r.example/app:v2'])
  assert.deepEqual(
    uniqueImages(entries).map(({ originTags }) => originTags),
    [['v1', 'v2']],
  )
})

test('tells the path of a lock among references', async (context) => {
  const desk = new Desk(context)
  desk.lock('dev.lock.yml', [{ image: `r.example/app@${ONE}` }])
  for (const input of ['images', 'bundles']) {
    const problems = await problemsOf(() => desk.loadAll({ [input]: ['dev.lock.yml'] }))
    assert.deepEqual(
      problems.map(({ message, hint }) => [message.split(', ')[0], hint]),
      [['dev.lock.yml is an ImagesLock', 'Name it in `lock`.']],
    )
  }
  assert.deepEqual(desk.asked, [])
})
