import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { copyImages } from '../../src/copy/copy-images.ts'
import { moveTags } from '../../src/copy/move-tags.ts'
import { PromotionError, SeveralErrors } from '../../src/errors.ts'
import { digestOf } from '../../src/oci/digest.ts'
import { makeResult } from '../../src/report/make-result.ts'
import { type RunRecord, startRecord } from '../../src/report/run-record.ts'
import { buildKeys } from '../builders/build-keys.ts'
import { buildCompleteSample } from '../builders/build-sample.ts'
import { FULL_PROOF } from '../builders/copy-options.ts'
import { WatchedRegistries } from '../builders/watched-registries.ts'

const LATER = new Date('2026-01-02T03:04:05Z')
const samples = ['one', 'two'].map((seed) => buildCompleteSample(seed, buildKeys()))

/** The record of a run that planned two images for two targets. */
async function planned() {
  const registries = new WatchedRegistries(...samples)
  const plan = await registries.plan(['prod.example/{name}', 'eu.example/{name}'])
  const record: RunRecord = { ...startRecord(), plan, found: plan.images }
  return { registries, plan, record }
}

test('a run that has done nothing is a result without images', () => {
  const result = makeResult(startRecord(), undefined, LATER)
  assert.deepEqual([result.succeeded, result.exitCode, result.images], [true, 0, []])
  assert.equal(result.finishedAt, '2026-01-02T03:04:05.000Z')
})

test('what was only planned says so', async () => {
  const { record } = await planned()
  const { images, totals } = makeResult(record, undefined, LATER)
  for (const { targets } of images)
    assert.deepEqual(
      targets.map(({ outcome }) => outcome),
      ['planned', 'planned'],
    )
  assert.deepEqual([totals.images, totals.copied, totals.sentBlobs, totals.tags], [2, 0, 0, 0])
})

test('what was copied is counted: a blob that images share once, a manifest wherever it was sent', async () => {
  const { registries, plan, record } = await planned()
  record.copied = await copyImages(plan, registries, FULL_PROOF)
  const { images, totals } = makeResult(record, undefined, LATER)
  const targets = images.flatMap((image) => image.targets)
  assert.ok(targets.every(({ outcome }) => outcome === 'copied'))
  assert.equal(totals.copied, 4)
  assert.equal(totals.sentBlobs, plan.blobs.length * 2)
  assert.ok(targets.reduce((sum, { sent }) => sum + sent.blobs, 0) > totals.sentBlobs)
  const bytes = totals.bytes
  record.copied = record.copied.map((outcomes) =>
    outcomes.map((one) => ({ ...one, blobs: [], manifests: [] })),
  )
  const nothing = makeResult(record, undefined, LATER)
  assert.ok(nothing.images.every((image) => image.targets.every(({ outcome }) => outcome === 'present')))
  assert.deepEqual([nothing.totals.present, nothing.totals.bytes, bytes > 0], [4, 0, true])
})

test('an image that failed at one target is marked there, with the error', async () => {
  const { registries, plan, record } = await planned()
  const error = new PromotionError('registry', '403', { hint: 'Log in.' })
  registries.at('eu.example/app').before = () => Promise.reject(error)
  record.copied = await copyImages(plan, registries, FULL_PROOF)
  const [first] = makeResult(record, error, LATER).images
  assert.deepEqual(
    first?.targets.map((target) => [target.outcome, target.error?.message, target.error?.hint]),
    [
      ['copied', undefined, undefined],
      ['failed', '403', 'Log in.'],
    ],
  )
})

test('a tag is done when it has moved, and not before', async () => {
  const registries = new WatchedRegistries(...samples.slice(0, 1))
  const plan = await registries.plan(['prod.example/app'], { tags: ['v1'] })
  const record: RunRecord = { ...startRecord(), plan, found: plan.images }
  const tags = () => makeResult(record, undefined, LATER).images[0]?.targets[0]?.tags
  assert.deepEqual(tags(), [{ tag: 'v1', action: 'create', done: false }])
  await copyImages(plan, registries, FULL_PROOF)
  record.moved = (await moveTags(plan, registries)).moved
  assert.deepEqual(tags(), [{ tag: 'v1', action: 'create', done: true }])
  assert.equal(makeResult(record, undefined, LATER).totals.tags, 1)
})

test('a tag that an earlier run of the same saved plan moved is done, and not counted again', async () => {
  const registries = new WatchedRegistries(...samples.slice(0, 1))
  const previous = digestOf('older')
  const plan = await registries.plan(['prod.example/app'])
  const images = plan.images.map((image) => ({
    ...image,
    targets: image.targets.map((target) => ({
      ...target,
      tags: [{ tag: 'v1', action: 'move', previous, isDone: true } as const],
    })),
  }))
  const moved = images.flatMap(({ targets }) =>
    targets.map(({ repository }) => ({ repository, tag: 'v1', action: 'move', byEarlierRun: true }) as const),
  )
  const record: RunRecord = { ...startRecord(), plan: { ...plan, images }, found: plan.images, moved }
  const result = makeResult(record, undefined, LATER)
  assert.deepEqual(result.images[0]?.targets[0]?.tags, [{ tag: 'v1', action: 'move', previous, done: true }])
  assert.equal(result.totals.tags, 0)
})

describe('the exit code', () => {
  for (const [what, record, error, code] of [
    ['of a plan that changes something is 2', { command: 'plan', changes: true }, undefined, 2],
    ['of a plan that changes nothing is 0', { command: 'plan', changes: false }, undefined, 0],
    ['of a plan that failed is that of its error', { command: 'plan', changes: true }, 'conflict', 7],
    ['of a failure is that of its kind', {}, 'verification', 5],
  ] as const) {
    test(what, () => {
      const thrown = error && new PromotionError(error, 'no')
      const result = makeResult({ ...startRecord(), ...record }, thrown, LATER)
      assert.deepEqual([result.exitCode, result.succeeded], [code, error === undefined])
    })
  }
})

test('several errors are told one by one, however they were thrown together', () => {
  const [a, b, c] = ['a', 'b', 'c'].map((message) => new PromotionError('registry', message))
  assert.ok(a && b && c)
  b.locatedAt({ file: 'images.yml', line: 3 })
  const { errors } = makeResult(startRecord(), new SeveralErrors([a, new SeveralErrors([b, c])]), LATER)
  assert.deepEqual(errors, [
    { kind: 'registry', message: 'a' },
    { kind: 'registry', message: 'b', location: { file: 'images.yml', line: 3 } },
    { kind: 'registry', message: 'c' },
  ])
})
