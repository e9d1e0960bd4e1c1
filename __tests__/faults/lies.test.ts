import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FAULTS } from '../fakes/registry-named-faults.ts'
import { playAll } from './play-all.ts'

const LIES = FAULTS.filter(({ mark }) => mark === 'lie')

test('there are eight lies', () => {
  assert.equal(LIES.length, 8)
})

playAll('lies are caught, and no tag moves', LIES)
