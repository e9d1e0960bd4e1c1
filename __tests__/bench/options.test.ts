import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readOptions } from '../../bench/options.ts'

test('everything has a default', () => {
  const options = readOptions([])
  assert.deepEqual(options?.delays, [0, 25])
  assert.deepEqual(
    [options?.quick, options?.write, options?.only.length, options?.tools.length],
    [false, false, 0, 0],
  )
})

test('the quick bench measures at 25 ms, and slow tools once', () => {
  const options = readOptions(['--quick'])
  assert.deepEqual([options?.delays, options?.slowRepetitions], [[25], 1])
})

test('lists are read word by word', () => {
  const options = readOptions(['--only', 'A, F', '--tools', 'ours,crane', '--delay', '5'])
  assert.deepEqual([options?.only, options?.tools, options?.delays], [['A', 'F'], ['ours', 'crane'], [5]])
})

test('help is asked for, not measured', () => {
  assert.equal(readOptions(['--help']), undefined)
})

test('refuses what it does not know', () => {
  assert.throws(() => readOptions(['--only', 'Z']), /no workload "Z"/)
  assert.throws(() => readOptions(['--delay', 'soon']), /"soon" is not a whole number/)
  assert.throws(() => readOptions(['--fast']), /--fast/)
})

test('refuses to write half of the tables', () => {
  assert.throws(() => readOptions(['--write', '--only', 'A']), /half a table/)
  assert.equal(readOptions(['--write'])?.write, true)
})
