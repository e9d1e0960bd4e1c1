import assert from 'node:assert/strict'
import { test } from 'node:test'
import { coversPattern } from '../../src/policy/covers-pattern.ts'

for (const [earlier, later] of [
  ['**', 'r.example/a'],
  ['**', '**/a'],
  ['*/**', 'r.example/a/b'],
  ['r.example/**', 'r.example/**'],
  ['r.example/**', 'r.example/a'],
  ['r.example/**', 'r.example/**/a'],
  ['r.example/*', 'r.example/a*'],
  ['r.example/a-*', 'r.example/a-b-*'],
  ['r.example/*/app', 'r.example/a/app'],
  ['*.example/a', 'r.example/a'],
  ['[::1]:5000/*', '[::1]:5000/a'],
  ['r.example/**/a', 'r.example/**/a'],
  ['r.example/**/a', 'r.example/b*/a'],
] as const) {
  test(`behind ${earlier}, ${later} is never reached`, () => {
    assert.ok(coversPattern(earlier, later))
  })
}

for (const [earlier, later] of [
  ['r.example/a', '**'],
  ['r.example/a*', 'r.example/*'],
  ['r.example/*', 'r.example/**'],
  ['r.example/*/**', 'r.example/**'],
  ['r.example/a/**', 'r.example/a'],
  ['r.example/a', 'r.example/a/b'],
  ['r.example/dev/*', 'r.example/prod/*'],
  ['r.example/*-a', 'r.example/*'],
  ['r.example/*/*', 'r.example/**/a'],
  ['*.example/a', '*/a'],
  ['r.example/**/a', 'r.example/b/*'],
] as const) {
  test(`behind ${earlier}, ${later} can be reached`, () => {
    assert.ok(!coversPattern(earlier, later))
  })
}
