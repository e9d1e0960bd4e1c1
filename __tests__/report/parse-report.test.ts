import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { PromotionError } from '../../src/errors.ts'
import { parseReport } from '../../src/report/parse-report.ts'
import type { ReportedRun } from '../../src/report/reported-run.ts'
import type { RunResult } from '../../src/report/run-result.ts'
import { imageResult, runResult, targetResult } from '../builders/run-result.ts'
import { checkProperty } from '../security/check-property.ts'

const DIGEST = `sha256:${'ab'.repeat(32)}`
const LONGEST_MESSAGE = 1000

/** A report in which everything is said that a report can say and that is read. */
function fullReport(): unknown {
  const error = {
    kind: 'registry',
    message: 'no',
    hint: 'try',
    location: { file: 'a.yml', line: 1, column: 2 },
  }
  const tags = [
    { tag: 'v1', action: 'create', done: true },
    { tag: 'latest', action: 'move', previous: DIGEST, done: false },
    { tag: 'old', action: 'keep', done: true },
    { tag: 'fixed', action: 'refuse', previous: DIGEST, done: false },
  ]
  const targets = [{ ...targetResult(), outcome: 'failed', attested: 'made', tags, merged: ['x'], error }]
  const images = [imageResult({ signed: ['bundle'] })].map((image) => ({ ...image, targets }))
  const plan = { place: 'plan.json', digest: DIGEST, shard: '2/8', shards: 8 }
  return { ...runResult(), plan, images, locations: ['a/b:c'], warnings: ['w'], errors: [error], exitCode: 4 }
}

function parse(report: unknown): ReportedRun {
  return parseReport(JSON.stringify(report), 'report.json')
}

/** The message of the refusal, which has to be one that a person can use. */
function refusal(text: string): string {
  try {
    parseReport(text, 'report.json')
  } catch (error) {
    assert.ok(error instanceof PromotionError, String(error))
    assert.equal(error.kind, 'input')
    assert.deepEqual(error.location, { file: 'report.json' })
    assert.ok(error.hint)
    assert.ok(error.message.length <= LONGEST_MESSAGE, `${error.message.length} characters`)
    return error.message
  }
  assert.fail(`${text} was read`)
}

describe('a report', () => {
  test('is read with all that goes into another report, and without the rest', () => {
    const written = fullReport() as RunResult
    const { policy, files, planned, changes, parts, preflight, images, exitCode, locations, ...kept } =
      written
    const withoutRest = images.map(
      ({ written: as, annotations, signatures, inventory, targets, ...image }) => ({
        ...image,
        targets: targets.map(
          ({ inventory: found, leftBehind, signatures: judged, error, ...target }) => target,
        ),
      }),
    )
    assert.deepEqual(parse(written), { ...kept, images: withoutRest })
  })

  test('of a run that failed before it knew anything is read', () => {
    const failed = { ...runResult(), succeeded: false, exitCode: 3, images: [], policy: null, planned: null }
    assert.deepEqual(parse(failed).images, [])
  })

  test('of a later version that says more is read', () => {
    const written = fullReport() as RunResult
    const more = { ...written, news: { deep: [1] }, totals: { ...written.totals, news: 1 } }
    assert.deepEqual(parse(more), parse(written))
  })

  for (const [what, change, why] of [
    [
      'another schema',
      { schema: 'signed-promote/report/v2' },
      /schema: "signed-promote\/report\/v2" is not "/,
    ],
    ['no schema', { schema: undefined }, /schema: undefined is not "schema"/],
    ['another command', { command: 'destroy' }, /command: it is not a command/],
    ['a time that is none', { startedAt: 'yesterday' }, /startedAt: "yesterday" is not /],
    ['a number below zero', { totals: { ...runResult().totals, bytes: -1 } }, /totals\.bytes: -1 is not >=0/],
    [
      'a part of a plan that is none',
      { plan: { place: '', digest: DIGEST, shard: '0/2', shards: 2 } },
      /plan\.shard: /,
    ],
  ] as const) {
    test(`with ${what} is refused, and says so`, () => {
      assert.match(refusal(JSON.stringify({ ...runResult(), ...change })), why)
    })
  }

  for (const [what, change, why] of [
    ['a digest', { previous: 'sha256:abc' }, /images\.0\.targets\.0\.tags\.0\.previous: it is not a digest/],
    ['a tag', { tag: '../v1' }, /images\.0\.targets\.0\.tags\.0\.tag: it is not a tag/],
    ['an action', { action: 'remove' }, /images\.0\.targets\.0\.tags\.0\.action: "remove" is not /],
    ['a yes or no', { done: 'yes' }, /images\.0\.targets\.0\.tags\.0\.done: "yes" is not boolean/],
  ] as const) {
    test(`in which ${what} is something else is refused, and says where`, () => {
      const tag = { tag: 'v1', action: 'move', previous: DIGEST, done: true, ...change }
      const images = [{ ...imageResult(), targets: [{ ...targetResult(), tags: [tag] }] }]
      assert.match(refusal(JSON.stringify({ ...runResult(), images })), why)
    })
  }
})

describe('anything else', () => {
  test('is refused, whatever text it is', (context) =>
    checkProperty(context, 100, fc.oneof(fc.string(), fc.json()), (text) => {
      assert.match(refusal(text), /^The file is not a report of this program: /)
    }))

  test('in the place of any value of a report is refused, or read as what a report may say', (context) => {
    const report = fullReport()
    const places = placesIn(report)
    const junk = fc.oneof(
      fc.jsonValue(),
      fc.constantFrom('x'.repeat(5000), '__proto__', 1e300, -1, 0.5, `${DIGEST}0`, { length: 2 ** 32 }),
      fc.constant(undefined),
    )
    return checkProperty(context, 300, fc.tuple(fc.constantFrom(...places), junk), ([place, value]) => {
      const text = JSON.stringify(replaced(report, place, value))
      let read: ReportedRun
      try {
        read = parseReport(text, 'report.json')
      } catch {
        refusal(text)
        return
      }
      // What was read is a report again, so that nothing of the junk is in it that has not the right shape.
      assert.deepEqual(parse(read), read)
    })
  })

  test('beside the values of a report does not get into what is read', (context) =>
    checkProperty(context, 100, fc.tuple(fc.string(), fc.jsonValue()), ([key, value]) => {
      const report = fullReport() as RunResult
      fc.pre(!(key in report) || key === '__proto__')
      const text = JSON.stringify(report).replace(
        '{',
        () => `{${JSON.stringify(key)}:${JSON.stringify(value)},`,
      )
      assert.deepEqual(parseReport(text, 'report.json'), parse(report))
    }))
})

type Place = readonly (string | number)[]

/** The place of every value in some JSON. */
function placesIn(value: unknown, at: Place = []): readonly Place[] {
  if (typeof value !== 'object' || value === null) return [at]
  const entries: readonly (readonly [string, unknown])[] = Object.entries(value)
  return [at, ...entries.flatMap(([key, inner]) => placesIn(inner, [...at, key]))]
}

/** The same JSON with another value in one place; undefined leaves it out. */
function replaced(value: unknown, [key, ...deeper]: Place, by: unknown): unknown {
  if (key === undefined) return by ?? null
  const copy = structuredClone(value) as Record<string, unknown>
  copy[key] = deeper.length === 0 ? by : replaced(copy[key], deeper, by)
  return copy
}
