import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nearestName } from '../../src/inputs/nearest-name.ts'

const NAMES = ['to', 'lock', 'lock-output', 'public-key', 'key']

test('finds the name with the fewest edits', () => {
  assert.equal(nearestName('lokc', NAMES), 'lock')
  assert.equal(nearestName('publik-key', NAMES), 'public-key')
  assert.equal(nearestName('pubickey', NAMES), 'public-key')
  assert.equal(nearestName('keys', NAMES), 'key')
  assert.equal(nearestName('t', NAMES), 'to')
})

test('finds none when all are too far, or nothing of a short name is left', () => {
  assert.equal(nearestName('registry', NAMES), undefined)
  assert.equal(nearestName('xy', ['to']), undefined)
  assert.equal(nearestName('lock', []), undefined)
})
