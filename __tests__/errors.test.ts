import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  asPromotionError,
  type ErrorKind,
  EXIT_CODES,
  PromotionError,
  SeveralErrors,
  throwAll,
} from '../src/errors.ts'

function several(...kinds: readonly ErrorKind[]): PromotionError | undefined {
  try {
    throwAll(kinds.map((kind, index) => new PromotionError(kind, `error ${index}`)))
    return undefined
  } catch (error) {
    assert.ok(error instanceof PromotionError)
    return error
  }
}

test('each kind has an exit code of its own, none of which means success or changes', () => {
  const codes = Object.values(EXIT_CODES)
  assert.equal(new Set(codes).size, codes.length)
  assert.ok(!codes.includes(0) && !codes.includes(2))
})

describe('throwing all errors', () => {
  test('throws nothing for none, and one as it is', () => {
    assert.equal(several(), undefined)
    const one = several('signing')
    assert.ok(!(one instanceof SeveralErrors))
    assert.equal(one?.message, 'error 0')
  })

  test('keeps several whole and in their order, under the gravest kind', () => {
    const error = several('registry', 'verification', 'incomplete')
    assert.ok(error instanceof SeveralErrors)
    assert.equal(error.kind, 'verification')
    assert.equal(error.message, 'error 0\nerror 1\nerror 2')
    assert.deepEqual(
      error.errors.map(({ kind }) => kind),
      ['registry', 'verification', 'incomplete'],
    )
  })

  test('one that ended several pieces of work is thrown once', () => {
    const interruption = new PromotionError('interrupted', 'The run was ended by SIGINT')
    assert.throws(
      () => throwAll([interruption, interruption]),
      (error) => error === interruption,
    )
  })

  for (const [kinds, gravest] of [
    [['interrupted', 'internal'], 'internal'],
    [['registry', 'interrupted', 'input'], 'interrupted'],
    [['conflict', 'verification'], 'verification'],
    [['incomplete', 'registry', 'signing', 'conflict'], 'conflict'],
  ] as const) {
    test(`${gravest} is the gravest of ${kinds.join(', ')}`, () =>
      assert.equal(several(...kinds)?.kind, gravest))
  }
})

test('an error keeps the first place that it is told', () => {
  const error = new PromotionError('input', 'bad')
  assert.equal(error.locatedAt(undefined).location, undefined)
  const first = { file: 'a.yml', line: 1 }
  assert.equal(error.locatedAt(first).locatedAt({ file: 'b.yml' }).location, first)
})

describe('anything that is thrown', () => {
  test('is itself when it is ours', () => {
    const error = new PromotionError('registry', 'no')
    assert.equal(asPromotionError(error), error)
  })

  for (const [what, thrown, message] of [
    ['another error', new TypeError('x is undefined'), 'Unexpected failure: x is undefined'],
    ['a text', 'no', 'Unexpected failure: no'],
    ['nothing', undefined, 'Unexpected failure: undefined'],
  ] as const) {
    test(`is a defect of ours when it is ${what}, which stays its cause`, () => {
      const error = asPromotionError(thrown)
      assert.deepEqual([error.kind, error.message, error.cause], ['internal', message, thrown])
    })
  }
})

test('a limit of the machine is not called a defect', () => {
  const { kind, hint } = asPromotionError(Object.assign(new Error('open'), { code: 'EMFILE' }))
  assert.equal(kind, 'internal')
  assert.match(hint ?? '', /ulimit -n/)
})
