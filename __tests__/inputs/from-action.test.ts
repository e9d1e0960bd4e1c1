import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fromAction } from '../../src/inputs/from-action.ts'

test('reads the variables that the runner sets, and nothing else', () => {
  const raw = fromAction({
    INPUT_LOCK: 'a.yml\nb.yml',
    'INPUT_KEY-PASSWORD': ' p ',
    INPUT_KEY_PASSWORD: 'wrong',
    'INPUT_EXISTING-TAGS': 'refuse',
    INPUT_UNKNOWN: 'x',
    LOCK: 'x',
    input_to: 'x',
  })
  assert.deepEqual(Object.fromEntries(raw), {
    lock: 'a.yml\nb.yml',
    'existing-tags': 'refuse',
    'key-password': ' p ',
  })
})

test('takes empty and blank for not given', () => {
  assert.equal(fromAction({ INPUT_LOCK: '', INPUT_TO: ' \n' }).size, 0)
})
