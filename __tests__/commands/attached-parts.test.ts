import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { AttachedParts } from '../../src/commands/attached-parts.ts'
import type { AttachedReport } from '../../src/handover/handover.ts'
import { digestOf } from '../../src/oci/digest.ts'
import { parseReport } from '../../src/report/parse-report.ts'
import type { RunResult } from '../../src/report/run-result.ts'
import { problemsOf } from '../builders/problems-of.ts'
import { runResult } from '../builders/run-result.ts'

const SAVED = { place: 'oci://prod.example/plans@sha256:…', digest: digestOf('plan'), shards: 2 }
const FAILED = { succeeded: false, exitCode: 4 }

/** What hangs on a plan, what of it was read in which order, and what was warned of. */
class Hung {
  readonly reports: AttachedReport[] = []
  readonly read: string[] = []
  readonly warnings: string[] = []
  #reading = 0

  /** A report with a name, hung at this minute, with this text, or that of a run that applied the part. */
  add(name: string, part: string, minute: number, content: string | Partial<RunResult> = {}, size = 1): this {
    const plan = { ...SAVED, shard: part }
    const text = typeof content === 'string' ? content : JSON.stringify(runResult({ plan, ...content }))
    const read = async () => {
      this.read.push(name)
      this.#reading += 1
      assert.equal(this.#reading, 1)
      await Promise.resolve()
      this.#reading -= 1
      return text
    }
    this.reports.push({ name, part, savedAt: minute, size, read })
    return this
  }

  async chosen(parts: readonly string[] = ['1/2', '2/2']): Promise<readonly string[]> {
    const reading = { parse: parseReport, warn: (message: string) => this.warnings.push(message) }
    const reports = await new AttachedParts(this.reports, SAVED, reading).of(parts)
    return reports.map(({ name }) => name)
  }
}

describe('of the reports on a plan', () => {
  test('only the newest of each part is read that is asked for, one after the other', async () => {
    const hung = new Hung().add('old', '1/2', 1).add('new', '1/2', 9).add('second', '2/2', 2)
    assert.deepEqual(await hung.chosen(['2/2']), ['second'])
    assert.deepEqual(await hung.chosen(), ['new', 'second'])
    assert.deepEqual([hung.read, hung.warnings], [['second', 'new', 'second'], []])
  })

  test('the newest that succeeded is taken, also before one that failed', async () => {
    const hung = new Hung().add('third', '1/2', 3, FAILED).add('first', '1/2', 1).add('second', '1/2', 2)
    assert.deepEqual([await hung.chosen(), hung.read], [['second'], ['third', 'second']])
  })

  test('the newest is taken where all failed', async () => {
    const hung = new Hung().add('first', '1/2', 1, FAILED).add('second', '1/2', 2, FAILED)
    assert.deepEqual(await hung.chosen(), ['second'])
  })

  for (const [what, part, content, why] of [
    ['no report', '1/2', '{"x":1}', /is not a report of this program: /],
    ['no JSON', '1/2', 'x', /it is not JSON/],
    [
      'of another plan',
      '1/2',
      { plan: { ...SAVED, digest: digestOf('other'), shard: '1/2' } },
      /no report of part 1\/2 of this plan$/,
    ],
    ['of another part', '1/2', { plan: { ...SAVED, shard: '2/2' } }, /no report of part 1\/2 of this plan$/],
    ['of a part that the plan does not have', '3/2', {}, /it says that it is of part "3\/2"$/],
  ] as const) {
    test(`one that is ${what} is left out with a warning, whenever it says that it was hung`, async () => {
      const hung = new Hung().add('stranger', part, 99, content).add('mine', '1/2', 1)
      assert.deepEqual(await hung.chosen(), ['mine'])
      const [warning = '', ...others] = hung.warnings
      assert.match(warning, /^stranger hangs on the plan, and is left out: /)
      assert.match(warning, why)
      assert.deepEqual(others, [])
    })
  }

  test('no more is read than there is room for, and the error says how to do without', async () => {
    const hung = new Hung()
    for (let at = 0; at < 5; at++) hung.add(`stranger ${at}`, '1/2', 99, 'x', 60 * 1024 * 1024)
    hung.add('mine', '1/2', 1)
    const [error] = await problemsOf(() => hung.chosen())
    assert.deepEqual([error?.kind, hung.read.length], ['input', 4])
    assert.match(
      error?.message ?? '',
      /^Up to those of part 1\/2, the reports that hang on oci:\S+ have more than/,
    )
    assert.match(error?.hint ?? '', /Give the reports as files/)
  })
})
