import assert from 'node:assert/strict'
import { test } from 'node:test'
import { mergePause } from '../../src/registry/merge-pause.ts'

const TABLE: readonly (readonly [turn: number, shortest: number, least: number])[] = [
  [10, 50, 50],
  [100, 50, 200],
  [4000, 50, 2500],
  [1, 60_000, 2500],
  [Number.POSITIVE_INFINITY, 50, 2500],
]

for (const [turn, shortest, least] of TABLE) {
  test(`leaves a tag alone for ${least} to ${2 * least} ms after a turn of ${turn} ms`, () => {
    const pauses = Array.from({ length: 50 }, () => mergePause(turn, shortest))
    assert.ok(pauses.every((pause) => pause >= least && pause <= 2 * least && pause <= 5000))
    assert.ok(new Set(pauses).size > 1)
  })
}
