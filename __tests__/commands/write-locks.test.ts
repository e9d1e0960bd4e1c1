import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { parseImagesLock } from '../../src/sources/parse-images-lock.ts'
import { buildCompleteSample } from '../builders/build-sample.ts'
import { PromotionScene, SOURCE_PATH, TARGET_PATH } from '../builders/promotion-scene.ts'

const ANNOTATIONS = {
  'kbld.carvel.dev/id': 'registry.example/app:v1',
  'kbld.carvel.dev/origins': '- resolved:\n    tag: v1\n    url: registry.example/app:v1\n',
  odd: ' trailing blank \n\t"quotes" and \'quotes\', no, 0123, ~, é, \u2028 end ',
}

test('the rewritten lock names the target and keeps the annotations byte for byte', async () => {
  await using scene = await PromotionScene.start()
  await scene.list({ image: scene.reference(), annotations: ANNOTATIONS })
  const path = scene.path('out.yml')
  const { exitCode, result } = await scene.run({ 'lock-output': path })
  assert.equal(exitCode, 0)
  assert.deepEqual(result.files.locks, [path])
  const text = await readFile(path, 'utf8')
  assert.match(text, /^---\napiVersion: imgpkg\.carvel\.dev\/v1alpha1\nimages:\n/)
  assert.match(text, /\nkind: ImagesLock\n$/)
  const [entry, ...others] = parseImagesLock(text, path)
  assert.deepEqual(others, [])
  assert.equal(entry?.written, `${scene.target.host}/${TARGET_PATH}@${scene.sample.image.digest}`)
  assert.deepEqual(entry?.annotations, ANNOTATIONS)
})

test('an image that kbld lists under several names is promoted once, and each entry comes back', async () => {
  await using scene = await PromotionScene.start({}, [{}, {}])
  const other = buildCompleteSample('other', scene.keys, {})
  other.putInto(scene.source.store, SOURCE_PATH, 'other')
  const id = (name: string) => ({ 'kbld.carvel.dev/id': name })
  const [app, further] = [scene.reference(), scene.reference(other.image.digest)]
  await scene.list(
    { image: app, annotations: id('app:v1') },
    { image: further },
    { image: app, annotations: id('app') },
  )
  const lockOutput = scene.path('out-{target}.yml')
  const { exitCode, result } = await scene.run({
    'lock-output': lockOutput,
    tags: '',
  })
  assert.equal(exitCode, 0)
  assert.deepEqual(
    result.images.map(({ source }) => source),
    [app, further],
  )
  assert.deepEqual([result.totals.images, result.totals.copied, result.warnings], [2, 4, []])
  for (const [index, { host }] of scene.targets.entries()) {
    const path = scene.path(`out-${index + 1}.yml`)
    const entries = parseImagesLock(await readFile(path, 'utf8'), path)
    const place = (digest: string) => `${host}/${TARGET_PATH}@${digest}`
    assert.deepEqual(
      entries.map(({ written, annotations }) => [written, annotations]),
      [
        [place(scene.sample.image.digest), id('app:v1')],
        [place(other.image.digest), {}],
        [place(scene.sample.image.digest), id('app')],
      ],
    )
  }
})

test('an image from two repositories that become one is written once, so that the lock can be read again', async () => {
  await using scene = await PromotionScene.start()
  scene.sample.putInto(scene.source.store, 'team/mirror')
  const mirror = `${scene.source.host}/team/mirror@${scene.sample.image.digest}`
  await scene.list({ image: scene.reference() }, { image: mirror })
  const path = scene.path('out.yml')
  assert.equal((await scene.run({ 'lock-output': path })).exitCode, 0)
  assert.equal(parseImagesLock(await readFile(path, 'utf8'), path).length, 1)
})

test('a lock that is read is never written over', async () => {
  await using scene = await PromotionScene.start()
  const before = await readFile(scene.path('images.yml'), 'utf8')
  for (const lock of ['images.yml', '*.yml', scene.path('images.yml')]) {
    const { exitCode, result } = await scene.run({ lock, 'lock-output': scene.path('images.yml') })
    assert.equal(exitCode, 3)
    assert.match(result.errors[0]?.message ?? '', /overwrite/)
  }
  assert.equal(await readFile(scene.path('images.yml'), 'utf8'), before)
  assert.deepEqual([...scene.source.requests, ...scene.target.requests], [])
})

test('several targets get a lock each, by their number', async () => {
  await using scene = await PromotionScene.start({}, [{}, {}])
  const { result } = await scene.run({ 'lock-output': scene.path('out-{target}.yml') })
  assert.deepEqual(result.files.locks, [scene.path('out-1.yml'), scene.path('out-2.yml')])
  for (const [index, target] of scene.targets.entries())
    assert.ok((await readFile(scene.path(`out-${index + 1}.yml`), 'utf8')).includes(`image: ${target.host}/`))
})

test('no lock is written by a run that fails', async () => {
  await using scene = await PromotionScene.start()
  const { exitCode, result } = await scene.run({
    'lock-output': scene.path('out.yml'),
    'require-annotations': 'stage=prod',
  })
  assert.equal(exitCode, 5)
  assert.deepEqual(result.files.locks, [])
  await assert.rejects(readFile(scene.path('out.yml')))
})
