import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { parseImagesLock } from '../../src/sources/images-lock.ts'
import { PromotionScene, TARGET_PATH } from '../builders/promotion-scene.ts'

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
