import assert from 'node:assert/strict'
import { test } from 'node:test'
import { splitReference } from '../../src/oci/split-reference.ts'

for (const [text, name, tag, digest] of [
  ['app', 'app', undefined, undefined],
  ['r.example:5000/team/app', 'r.example:5000/team/app', undefined, undefined],
  ['r.example:5000/team/app:v1', 'r.example:5000/team/app', 'v1', undefined],
  ['r.example/app:v1@sha256:00', 'r.example/app', 'v1', 'sha256:00'],
  ['r.example:5000/app@sha256:00', 'r.example:5000/app', undefined, 'sha256:00'],
  ['app:@', 'app', '', ''],
  ['', '', undefined, undefined],
] as const) {
  test(`splits "${text}"`, () => assert.deepEqual(splitReference(text), { name, tag, digest }))
}
