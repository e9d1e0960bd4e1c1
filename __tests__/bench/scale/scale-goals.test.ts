import assert from 'node:assert/strict'
import { test } from 'node:test'
import { judgeScale } from '../../../bench/scale/scale-goals.ts'
import type { ScaleRun } from '../../../bench/scale/scale-run.ts'
import { formatScale } from '../../../bench/scale/scale-table.ts'

const MIB = 1024 * 1024

function run(images: number, parts: Partial<ScaleRun> = {}): ScaleRun {
  const usual = { command: 'plan, verified', link: '0 ms', cpu: 1, memory: 100 * MIB, failure: null }
  return { ...usual, images, wall: images / 1000, requests: images * 3, ...parts }
}

function verdicts(runs: readonly ScaleRun[]): readonly boolean[] {
  return judgeScale(runs).map(({ met }) => met)
}

test('memory and linear time are judged at the largest size', () => {
  assert.deepEqual(verdicts([run(1000), run(5000), run(100)]), [true, true])
  assert.deepEqual(verdicts([run(1000, { memory: 400 * MIB }), run(5000)]), [true, true])
  assert.deepEqual(verdicts([run(1000), run(5000, { memory: 301 * MIB })]), [false, true])
  assert.deepEqual(verdicts([run(1000), run(5000, { wall: 6.1 })]), [true, false])
})

test('a run that failed meets nothing', () => {
  assert.deepEqual(verdicts([run(1000), run(5000, { failure: 'exit code 1' })]), [false, false])
})

test('first runs and the plain client have no goal', () => {
  const others = ['first promote, verified', 'one HEAD an image, by a plain client']
  assert.deepEqual(
    verdicts(others.flatMap((command) => [run(1000, { command }), run(5000, { command })])),
    [],
  )
})

test('the curve says what each image costs', () => {
  assert.match(formatScale([run(5000)]), /\| 5,000 \| 5\.00 \| 1\.00 \| 100 \| 15,000 \| 3\.00 \| 3,000 \|/)
})
