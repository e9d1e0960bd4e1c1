import assert from 'node:assert/strict'
import { test } from 'node:test'
import { originTagsOf } from '../../src/oci/origin-tags-of.ts'
import { parseReference } from '../../src/oci/reference.ts'

const DIGEST = `sha256:${'0'.repeat(64)}`

for (const [written, tags] of [
  ['r.example:5000/app:v1', ['v1']],
  ['r.example:5000/app', ['latest']],
  [`r.example:5000/app:v1@${DIGEST}`, ['v1']],
  [`r.example:5000/app@${DIGEST}`, []],
] as const) {
  test(`${written} is known by ${tags[0] ?? 'no tag'}`, () =>
    assert.deepEqual(originTagsOf(parseReference(written), written), tags))
}
