import assert from 'node:assert/strict'
import { test } from 'node:test'
import { digestOf } from '../../src/oci/digest.ts'
import { formatReference } from '../../src/oci/reference.ts'
import { loadImages } from '../../src/sources/load-images.ts'
import type { ComposeList, ImageSources } from '../../src/sources/source.ts'
import { ComposeDesk, placeAtTarget } from '../builders/compose-desk.ts'
import { placesOf, problemsOf } from '../builders/problems-of.ts'

const DIGEST = digestOf('app')

/** Loads what a compose file and other sources list; every tag means the same image. */
function load(desk: ComposeDesk, other: Partial<ImageSources> = {}) {
  const compose = (): Promise<ComposeList> => desk.load()
  const none = { lock: [], images: [], bundles: [], outputs: [], from: undefined }
  return loadImages(
    { ...none, workingDirectory: desk.folder, compose, ...other },
    { resolve: () => Promise.resolve(DIGEST), fetch: () => Promise.resolve(undefined) },
    () => undefined,
  )
}

test('a compose file is a list like others, and the document when it is the only one', async (context) => {
  const desk = new ComposeDesk(context).write({ 'compose.yaml': 'services: {a: {image: "app:v1"}}\n' })
  const alone = await load(desk)
  assert.match(
    alone.document.rewrite(placeAtTarget),
    /^services: \{a: \{image: "prod\.example\/library\/app:v1@sha256:/,
  )
  const both = await load(desk, { images: [`r.example/b@${DIGEST}`] })
  assert.deepEqual(
    both.entries.map(({ reference }) => formatReference(reference)),
    [`r.example/b@${DIGEST}`, `index.docker.io/library/app@${DIGEST}`],
  )
  assert.match(both.document.rewrite(placeAtTarget), /kind: ImagesLock/)
})

test('refuses one image on two terms also where tags had to be looked up to know', async (context) => {
  const text = 'services:\n  a: {image: "app:v1", x-nerdctl-sign: none}\n  b: {image: "app:v2"}\n'
  const desk = new ComposeDesk(context).write({ 'compose.yaml': text })
  assert.deepEqual(placesOf(await problemsOf(() => load(desk))), [
    '3:14 "app:v2" is signed or verified otherwise than "app:v1" in compose.yaml:2, which is the same image',
  ])
})

test('refuses an output over any file that was read, and tells of the problems of other lists with it', async (context) => {
  const desk = new ComposeDesk(context).write({
    'compose.yaml': 'include: [sub/more.yaml]\nservices: {a: {image: "app:v1"}}\n',
    'sub/more.yaml': 'services: {}\n',
    'sub/.env': 'A=1\n',
  })
  for (const file of ['compose.yaml', 'sub/more.yaml', 'sub/.env']) {
    const problems = await problemsOf(() => load(desk, { outputs: [file], images: ['Bad'] }))
    assert.deepEqual(
      problems.map(({ location, message }) => [location?.file, message.slice(0, 40)]),
      [
        [undefined, '"Bad" is not a usable image reference: c'],
        [file, '`lock-output` would overwrite this file,'],
      ],
    )
  }
})
