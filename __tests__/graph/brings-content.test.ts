import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bringsContent } from '../../src/graph/brings-content.ts'

const NOTHING = { manifests: [], attachedTags: [], referrers: [] }

test('a place gets content where it lacks manifests, attached tags, entries of referrers, or GPG signatures', () => {
  for (const lacking of [NOTHING, { ...NOTHING, atomic: { missing: [] } }]) {
    assert.equal(bringsContent(lacking), false)
  }
  for (const one of [
    { manifests: [1] },
    { attachedTags: [1] },
    { referrers: [1] },
    { atomic: { missing: [1] } },
  ]) {
    assert.equal(bringsContent({ ...NOTHING, ...one }), true)
  }
})
