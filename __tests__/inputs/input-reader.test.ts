import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PromotionError } from '../../src/errors.ts'
import { InputReader } from '../../src/inputs/input-reader.ts'
import { problemsOf } from '../builders/problems-of.ts'

test('numbers lines as they were written, the blank ones counted', () => {
  const inputs = new InputReader(new Map([['tags', '\n v1 \r\n\nv2']]))
  assert.deepEqual(inputs.numberedLines('tags'), [
    { number: 2, line: 'v1' },
    { number: 4, line: 'v2' },
  ])
})

test('falls back to the default for blanks, and keeps them verbatim', () => {
  const inputs = new InputReader(new Map([['existing-tags', ' ']]))
  assert.equal(inputs.text('existing-tags'), 'refuse')
  assert.equal(inputs.choice('existing-tags'), 'refuse')
  assert.equal(inputs.isGiven('existing-tags'), false)
  assert.equal(inputs.optional('report'), undefined)
  assert.equal(inputs.verbatim('existing-tags'), ' ')
  assert.equal(inputs.verbatim('report'), '')
  inputs.throwIfAny()
})

test('notes each input of a list that is given, and no other', async () => {
  const inputs = new InputReader(
    new Map([
      ['key', 'cosign.key'],
      ['signer', 'native'],
      ['to', 'r.example/a'],
    ]),
  )
  inputs.refuseGiven(['key', 'signer', 'report'], 'nothing is signed', 'Sign')
  const problems = await problemsOf(() => inputs.throwIfAny())
  assert.deepEqual(
    problems.map(({ message, hint }) => `${message}. ${hint}`),
    ['`key` is given, but nothing is signed. Sign, or leave `key` out.'],
  )
})

test('notes a PromotionError and goes on, but not a defect', async () => {
  const inputs = new InputReader(new Map())
  const error = new PromotionError('input', 'bad')
  const defect = new TypeError('defect')
  const fail = (thrown: Error) => () => {
    throw thrown
  }
  assert.equal(inputs.attempt(fail(error)), undefined)
  assert.throws(() => inputs.attempt(fail(defect)), defect)
  inputs.problem('worse', 'Do this.')
  const problems = await problemsOf(() => inputs.throwIfAny())
  assert.deepEqual(
    problems.map(({ message }) => message),
    ['bad', 'worse'],
  )
})
