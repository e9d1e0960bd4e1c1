import assert from 'node:assert/strict'
import { test } from 'node:test'
import { digestOf } from '../../src/oci/digest.ts'
import { tagBefore } from '../../src/oci/tag-before.ts'

test('a tag led to what it is moved from, to the image that it is kept on, or nowhere', () => {
  const [promoted, previous] = [digestOf('promoted'), digestOf('previous')]
  const changes = [{ action: 'move', previous }, { action: 'keep' }, { action: 'create' }] as const
  assert.deepEqual(
    changes.map((change) => tagBefore(change, promoted)),
    [previous, promoted, undefined],
  )
})
