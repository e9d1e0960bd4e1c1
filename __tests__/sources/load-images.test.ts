import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { type FileLocation, PromotionError } from '../../src/errors.ts'
import { type Digest, parseDigest } from '../../src/oci/digest.ts'
import { formatReference, type TaggedReference } from '../../src/oci/reference.ts'
import { loadImages } from '../../src/sources/load-images.ts'
import { buildLock, type LockEntry } from '../builders/build-lock.ts'
import { placesOf, problemsOf } from '../builders/problems-of.ts'

const ONE = parseDigest(`sha256:${'1'.repeat(64)}`)
const TWO = parseDigest(`sha256:${'2'.repeat(64)}`)

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

  async load(lock: readonly string[], images: readonly string[]) {
    const resolve = async (reference: TaggedReference) => {
      const name = formatReference(reference)
      this.asked.push(name)
      const answer = this.tags.get(name)
      if (answer instanceof PromotionError) throw answer
      return answer
    }
    const warn = (message: string, location?: FileLocation) => void this.warnings.push([message, location])
    return loadImages({ lock, images, workingDirectory: this.folder }, resolve, warn)
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
      `"r.example/app:v1" is a tag, which may move: it is pinned as r.example/app@${ONE} for this run`,
      undefined,
    ],
  ])
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

test('keeps an image once that several sources list', async (context) => {
  const desk = new Desk(context)
  const image = `r.example/app@${ONE}`
  desk.lock('a.yml', [{ image, annotations: { k: 'v' } }])
  desk.lock('b.yml', [{ image, annotations: { k: 'v' } }])
  desk.tags.set('r.example/app:v1', ONE)
  const images = await desk.load(['*.yml'], [])
  assert.equal(images.length, 1)
  assert.deepEqual(desk.warnings, [])
})

test('warns when an image is listed again with other annotations, and keeps the first', async (context) => {
  const desk = new Desk(context)
  const image = `r.example/app@${ONE}`
  desk.lock('a.yml', [{ image, annotations: { k: 'first' } }])
  desk.lock('b.yml', [{ image, annotations: { k: 'second' } }])
  const images = await desk.load(['a.yml', 'b.yml'], [])
  assert.deepEqual(
    images.map(({ annotations }) => annotations),
    [{ k: 'first' }],
  )
  assert.deepEqual(desk.warnings, [
    [
      `${image} is listed again with other annotations; those of the first entry are kept`,
      { file: 'b.yml', line: 6, column: 10 },
    ],
  ])
})

test('reports the problems of all sources together', async (context) => {
  const desk = new Desk(context)
  desk.lock('a.yml', [{ image: 'r.example/app:v1' }])
  desk.lock('b.yml', [{ image: 'r.example/App' }])
  const problems = await problemsOf(() => desk.load(['a.yml', 'missing.yml', 'b.yml'], ['Bad']))
  assert.equal(problems.length, 4)
  const places = placesOf(problems)
  assert.equal(places[0], 'undefined:undefined "missing.yml" does not exist')
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

test('refuses sources that list no image', async (context) => {
  const desk = new Desk(context)
  desk.lock('a.yml', [])
  const problems = await problemsOf(() => desk.load(['a.yml'], []))
  assert.deepEqual(
    problems.map(({ kind, message }) => [kind, message]),
    [['input', 'There is no image to work on: the sources list none']],
  )
})
