import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isToMove } from '../../src/oci/is-to-move.ts'

test('a tag has yet to be moved unless it is kept, or an earlier run has moved it', () => {
  const changes = [
    { action: 'create' },
    { action: 'move' },
    { action: 'keep' },
    { action: 'create', isDone: true },
    { action: 'move', isDone: true },
  ] as const
  assert.deepEqual(changes.map(isToMove), [true, true, false, false, false])
})
