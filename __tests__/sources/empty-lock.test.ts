import assert from 'node:assert/strict'
import { test } from 'node:test'
import { emptyLock } from '../../src/sources/empty-lock.ts'

const HEADER = 'apiVersion: imgpkg.carvel.dev/v1alpha1\nkind: ImagesLock\n'

function tell(text: string) {
  const { kind, message, location } = emptyLock(text, 'images.yml')
  return [kind, message.replace('There is no image to work on: ', ''), location]
}

test('says at its line that the list is empty', () => {
  for (const images of ['images:\n', 'images: []\n', 'images: null\n']) {
    const location = { file: 'images.yml', line: 3, column: 1 }
    assert.deepEqual(tell(HEADER + images), ['input', '"images" is empty', location])
  }
})

test('says of the file that the list is missing', () => {
  assert.deepEqual(tell(HEADER), ['input', 'the key "images" is missing', { file: 'images.yml' }])
})
