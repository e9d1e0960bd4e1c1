import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type Digest, digestOf } from '../../src/oci/digest.ts'
import type { RunResult } from '../../src/report/run-result.ts'
import { formatSummary } from '../../src/report/summary.ts'
import { TerminalReporter } from '../../src/report/terminal-reporter.ts'
import type { UndoneTag } from '../../src/report/undone-tag.ts'
import { verdictLine } from '../../src/report/verdict-line.ts'
import { runResult } from '../builders/run-result.ts'

const [older, promoted] = [digestOf('older'), digestOf('promoted')]

function tag(
  name: string,
  outcome: UndoneTag['outcome'],
  from: Digest | null,
  to: Digest | null = from,
): UndoneTag {
  return { tag: `prod.example/app:${name}`, from, to, outcome }
}

const UNDONE = [
  tag('latest', 'put back', promoted, older),
  tag('v1', 'removed', promoted, null),
  tag('v2', 'removed', promoted, null),
  tag('stable', 'back already', older),
  tag('edge', 'moved on', null),
]

function rolledBack(undone: readonly UndoneTag[], change: Partial<RunResult> = {}): RunResult {
  return runResult({ command: 'rollback', images: [], undone, ...change })
}

const failed = { succeeded: false, exitCode: 7, errors: [{ kind: 'conflict', message: 'no' }] } as const

describe('the verdict of a rollback', () => {
  for (const [line, result] of [
    [
      'Rolled back: 3 tags undone, 1 put back, 2 removed, 1 back already, 1 left alone, because moved on since',
      rolledBack(UNDONE),
    ],
    ['Rolled back: no tag was undone, 1 back already', rolledBack([tag('v1', 'back already', null)])],
    ['Rolled back: no tag was undone', rolledBack([])],
    [
      'Rollback failed with 1 error; no tag was undone, 1 not undone',
      rolledBack([tag('v1', 'left', promoted)], failed),
    ],
    ['Nothing was done: 1 error', runResult({ ...failed, command: 'rollback', images: [] })],
  ] as const) {
    test(line, () => assert.equal(verdictLine(result), line))
  }
})

test('the summary of a rollback has a table of the tags, from where to where', () => {
  const summary = formatSummary(rolledBack(UNDONE))
  const short = (digest: string) => `\`${digest.slice(0, 19)}…\``
  for (const line of [
    '| Tag | From | To |  |',
    `| \`prod.example/app:latest\` | ${short(promoted)} | ${short(older)} | put back |`,
    `| \`prod.example/app:v1\` | ${short(promoted)} | nothing | removed |`,
    '| `prod.example/app:edge` | nothing | nothing | left alone, because moved on since |',
  ])
    assert.ok(summary.split('\n').includes(line), summary)
})

test('a terminal shows the way of each tag, also where the rollback failed', async () => {
  for (const change of [{}, failed]) {
    let out = ''
    const write = (text: string) => {
      out += text
    }
    const reporter = new TerminalReporter({
      out: write,
      err: () => {},
      redraws: false,
      table: false,
      json: false,
    })
    await reporter.finished(rolledBack(UNDONE, change))
    assert.deepEqual(out.split('\n').slice(0, 2), [
      `prod.example/app:latest: ${promoted} → ${older} (put back)`,
      `prod.example/app:v1: ${promoted} → nothing (removed)`,
    ])
    assert.ok(out.includes(`prod.example/app:stable: ${older} (back already)\n`))
  }
})
