import assert from 'node:assert/strict'
import { test } from 'node:test'
import { errorsOf, runAll, settleAll } from '../src/concurrency.ts'
import { PromotionError } from '../src/errors.ts'
import { problemsOf } from './builders/problems-of.ts'

const items = [0, 1, 2, 3, 4, 5, 6]

function failOnOdd(item: number): Promise<number> {
  return item % 2 === 1
    ? Promise.reject(new PromotionError('registry', `${item} is odd`))
    : Promise.resolve(item)
}

test('no more than the limit run at a time, and results are in the order of the items', async () => {
  let running = 0
  let most = 0
  const settled = await settleAll(items, 3, async (item, index) => {
    running += 1
    most = Math.max(most, running)
    // The first ones take the longest.
    for (let turn = items.length; turn > index; turn--) await Promise.resolve()
    running -= 1
    return item * 10
  })
  assert.equal(most, 3)
  assert.deepEqual(
    settled,
    items.map((item) => ({ value: item * 10 })),
  )
})

test('a failure stops nobody, and becomes the outcome of its item', async () => {
  const settled = await settleAll(items, 2, failOnOdd)
  assert.deepEqual(
    settled.map((one) => ('value' in one ? one.value : one.error.message)),
    [0, '1 is odd', 2, '3 is odd', 4, '5 is odd', 6],
  )
})

test('a failure that is not ours is a defect', async () => {
  const [only] = await settleAll([0], 1, () => Promise.reject(new TypeError('x')))
  assert.ok(only && 'error' in only)
  assert.equal(only.error.kind, 'internal')
})

test('errors are told with the places of their items', async () => {
  const errors = errorsOf(await settleAll(items, 2, failOnOdd), (index) => ({
    file: 'images.yml',
    line: index,
  }))
  assert.deepEqual(
    errors.map(({ location }) => location?.line),
    [1, 3, 5],
  )
})

test('items without an image have the places that are said', async () => {
  const problems = await problemsOf(() => runAll(items, failOnOdd, (line) => ({ file: 'images.yml', line })))
  assert.deepEqual(
    problems.map(({ location }) => location?.line),
    [1, 3, 5],
  )
})

test('running all gives all results, or throws all errors together, each with its place', async () => {
  const images = items.map((line) => ({ image: { location: { file: 'images.yml', line } } }))
  assert.deepEqual(await runAll(images, async (_, index) => index), items)
  const problems = await problemsOf(() => runAll(images, (_, index) => failOnOdd(index)))
  assert.deepEqual(
    problems.map(({ message, location }) => [message, location?.line]),
    [
      ['1 is odd', 1],
      ['3 is odd', 3],
      ['5 is odd', 5],
    ],
  )
})
