import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FAULTS } from '../fakes/registry-named-faults.ts'
import { playAll } from './play-all.ts'

const TRANSIENT = FAULTS.filter(({ mark }) => mark === 'transient')

test('there are twelve transient faults', () => {
  assert.equal(TRANSIENT.length, 12)
})

playAll('transient faults are survived', TRANSIENT)
