import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nameForTarget } from '../../src/commands/name-for-target.ts'
import type { Settings } from '../../src/inputs/settings.ts'
import { digestOf } from '../../src/oci/digest.ts'
import { formatRepository } from '../../src/oci/reference.ts'
import type { ListedImage } from '../../src/sources/source.ts'
import { KEY_SIGNING } from '../builders/key-signing.ts'
import { listedImage } from '../builders/listed-image.ts'

const image = listedImage('dev.example/team/app', digestOf('image'))
const signing = { ...KEY_SIGNING, signIdentity: 'target' } as const

function namesFor(images: readonly ListedImage[], change: Partial<Settings> = {}) {
  const settings = { signing, listSigning: undefined, to: ['prod.example/live/{name}'], ...change }
  return nameForTarget(images, settings).map(({ signedName }) => signedName && formatRepository(signedName))
}

test('signatures for the target name the repository there', () => {
  assert.deepEqual(namesFor([image]), ['prod.example/live/app'])
})

test('signatures for the source name nothing else', () => {
  const forSource = { ...signing, signIdentity: 'source' } as const
  assert.deepEqual(namesFor([image], { signing: forSource }), [undefined])
  assert.deepEqual(namesFor([image], { signing: { by: 'nobody' } }), [undefined])
})

test('where the list says who signs, the inputs say for which name', () => {
  const { by: _, signs: __, key: ___, ...work } = signing
  const listSigning = { ...work, identityToken: undefined, transparency: 'auto' } as const
  assert.deepEqual(namesFor([image], { signing: { by: 'nobody' }, listSigning }), ['prod.example/live/app'])
})

test('the images of a bundle are signed for the place of the bundle', () => {
  const root = listedImage('dev.example/team/bundle', digestOf('bundle')).reference
  const part = { ...image, bundle: { root, isRoot: false } }
  assert.deepEqual(namesFor([part]), ['prod.example/live/bundle'])
})

test('in a layout an image keeps the name that it stands for', () => {
  assert.deepEqual(namesFor([image], { to: ['oci-layout:release.tar'] }), ['dev.example/team/app'])
})
