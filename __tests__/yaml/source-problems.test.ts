import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PromotionError, SeveralErrors } from '../../src/errors.ts'
import { SourceProblems } from '../../src/yaml/source-problems.ts'
import { problemsOf } from '../builders/problems-of.ts'

test('throws nothing when nothing was noted', () => {
  new SourceProblems().throwIfAny()
})

test('notes each of several caught errors by itself', async () => {
  const problems = new SourceProblems()
  const [one, other] = [new PromotionError('registry', 'one'), new PromotionError('input', 'other')]
  problems.note(new SeveralErrors([one, other]))
  problems.add(undefined, 'third', 'Do this.')
  const found = await problemsOf(() => problems.throwIfAny())
  assert.deepEqual(
    found.map(({ message }) => message),
    ['one', 'other', 'third'],
  )
  assert.equal(found[0], one)
})

test('throws on what is no PromotionError', () => {
  const defect = new TypeError('defect')
  assert.throws(() => new SourceProblems().note(defect), defect)
})

test('counts what goes beyond a hundred', async () => {
  const problems = new SourceProblems()
  for (let number = 1; number <= 250; number += 1) problems.add(undefined, `problem ${number}`, 'Do this.')
  const found = await problemsOf(() => problems.throwIfAny())
  assert.equal(found.length, 101)
  assert.equal(found.at(-1)?.message, 'There are 150 more problems')
})
