import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { digestOf } from '../../src/oci/digest.ts'
import { TerminalReporter } from '../../src/report/terminal-reporter.ts'
import { planResult } from '../builders/plan-result.ts'
import { imageResult, runResult, targetResult } from '../builders/run-result.ts'

const ESCAPE = '\u001b'

/** A reporter and what it wrote to stdout and stderr. */
function terminal(
  options: { readonly redraws?: boolean; readonly table?: boolean; readonly json?: boolean } = {},
) {
  const written = { out: '', err: '' }
  const reporter = new TerminalReporter({
    out: (text) => {
      written.out += text
    },
    err: (text) => {
      written.err += text
    },
    redraws: options.redraws ?? false,
    table: options.table ?? false,
    json: options.json ?? false,
  })
  return { reporter, written }
}

const failed = {
  succeeded: false,
  exitCode: 3,
  errors: [
    {
      kind: 'input',
      message: 'bad line',
      hint: 'Mend it.',
      location: { file: 'images.yml', line: 7, column: 3 },
    },
  ],
} as const

async function runSteps(reporter: TerminalReporter): Promise<void> {
  await reporter.step('Copy', async () => {
    reporter.info('something')
    for (let sent = 0; sent <= 100; sent++) reporter.progress(sent, 100)
    reporter.warn('careful', { file: 'images.yml', line: 2 })
  })
}

describe('where nobody can watch a line change', () => {
  test('plain lines are written, without colour or carriage returns', async () => {
    const { reporter, written } = terminal()
    await runSteps(reporter)
    await reporter.finished(runResult(failed))
    assert.equal(
      written.err,
      '→ Copy\n  something\n! images.yml:2: careful\n✗ images.yml:7:3: bad line\n  Mend it.\n',
    )
    assert.ok(!(written.out + written.err).includes(ESCAPE))
    assert.ok(!(written.out + written.err).includes('\r'))
  })
})

test('where nobody can watch a line change, progress is a line every ten percent', (context) => {
  context.mock.timers.enable({ apis: ['Date'], now: 0 })
  const { reporter, written } = terminal()
  for (let sent = 0; sent <= 100; sent++) {
    context.mock.timers.setTime(sent * 1000)
    reporter.progress(sent, 100)
  }
  const lines = [10, 20, 30, 40, 50, 60, 70, 80, 90, 100].map((done) => `  ${done} B of 100 B (${done} %)\n`)
  assert.equal(written.err, lines.join(''))
})

test('the report as JSON has nothing in it that acts on a terminal or on the runner, and means the same', async () => {
  const { reporter, written } = terminal({ json: true })
  const result = runResult({ warnings: ['\u009b31m \u202e ##[error]x \u2028'] })
  await reporter.finished(result)
  assert.doesNotMatch(written.out, /[\u007f-\u009f\p{Cf}\u2028]|##\[/u)
  assert.deepEqual(JSON.parse(written.out), result)
})

describe('where a person watches', () => {
  test('the progress line is drawn over, and gone when the next line comes', (context) => {
    context.mock.timers.enable({ apis: ['Date'], now: 1_000_000 })
    const { reporter, written } = terminal({ redraws: true })
    reporter.progress(50, 100)
    reporter.progress(51, 100)
    assert.equal(written.err, `\r${ESCAPE}[2K  50 B of 100 B (50 %)`)
    context.mock.timers.setTime(1_000_200)
    reporter.progress(52, 100)
    assert.ok(written.err.endsWith(`\r${ESCAPE}[2K  52 B of 100 B (52 %)`))
    reporter.info('next')
    assert.ok(written.err.endsWith(`\r${ESCAPE}[2K  next\n`))
  })
})

describe('with --json', () => {
  test('stdout is the report and nothing else', async () => {
    const { reporter, written } = terminal({ json: true })
    await runSteps(reporter)
    const result = runResult(failed)
    await reporter.finished(result)
    assert.deepEqual(JSON.parse(written.out), result)
    assert.match(written.err, /✗ images\.yml:7:3: bad line/)
  })
})

test('stdout is what became of each image, and the verdict last', async () => {
  const { reporter, written } = terminal()
  const { source, digest } = imageResult()
  const signature = { form: 'tag', manifest: digest, counts: true, reason: 'x', annotations: {} }
  const signatures = [signature, { ...signature, counts: false }] as unknown as ReturnType<
    typeof imageResult
  >['signatures']
  const image = imageResult({
    signatures,
    signed: ['bundle', 'tag'],
    targets: [
      targetResult(),
      targetResult({
        outcome: 'failed',
        sent: { manifests: 0, blobs: 0, bytes: 0 },
        tags: [{ tag: 'v1', action: 'move', done: false }],
      }),
    ],
  })
  await reporter.finished(runResult({ images: [image] }))
  assert.deepEqual(written.out.split('\n'), [
    source,
    '  1 manifest; 1 of 2 signatures count; signed now: bundle, tag',
    '  → prod.example/app: copied, 1.2 kB sent, tagged v1',
    '  → prod.example/app: failed, v1 would move here',
    '✓ 1 image promoted: 1 copied, 0 in place already, 1.2 kB sent, 1 tag moved',
    '',
  ])
})

test('the tags of a part are told to wait', async () => {
  const { reporter, written } = terminal()
  const tags = [
    { tag: 'v1', action: 'create', done: false },
    { tag: 'latest', action: 'move', done: false },
    { tag: 'v0', action: 'keep', done: true },
  ] as const
  const plan = { place: 'plan.json', digest: digestOf('plan'), shards: 2, shard: '1/2' }
  await reporter.finished(runResult({ plan, images: [imageResult({ targets: [targetResult({ tags })] })] }))
  assert.match(written.out, /tag v1 waits for finish, tag latest waits for finish, v0 points here$/m)
})

test('a repair that leaves something shows what it has mended all the same', async () => {
  const { reporter, written } = terminal()
  const { digest } = imageResult()
  const mended = [{ subject: digest, kind: 'sig', digest }] as const
  const present = imageResult({
    source: 'dev.example/whole',
    targets: [targetResult({ outcome: 'present' })],
  })
  const images = [present, imageResult({ targets: [targetResult({ mended, tags: [] })] })]
  await reporter.finished(runResult({ ...failed, command: 'repair', images }))
  assert.match(
    written.out,
    /^dev\.example\/app@.*\n {2}→ prod\.example\/app: mended \(1 sig\), 1\.2 kB sent\n✗ Repair: /s,
  )
})

test('a plan is shown also where it failed, and as a table where a person looks', async () => {
  for (const [table, line] of [
    [true, /^ {2}→ prod\.example\/app {2}1\.5 kB {3}1 blob, 3\.0 kB {2}2 manifests/m],
    [false, /^ {2}→ prod\.example\/app: present 1\.5 kB; mounted 1 blob, 3\.0 kB; sent 2 manifests/m],
  ] as const) {
    const { reporter, written } = terminal({ table })
    await reporter.finished(planResult({ succeeded: false, exitCode: 7 }))
    assert.match(written.out, line)
    assert.match(written.out, /refuse old, which is at .*\n✗ Plan failed with 0 errors[^\n]*\n$/s)
  }
})

test('text from elsewhere cannot drive the terminal', async () => {
  const { reporter, written } = terminal()
  const hostile = `a${ESCAPE}[2J\r\n::error::b`
  reporter.info(hostile)
  reporter.warn(hostile, { file: hostile })
  await reporter.step(hostile, async () => undefined)
  const image = imageResult({ source: hostile, targets: [targetResult({ target: hostile })] })
  await reporter.finished(
    runResult({ images: [image], errors: [{ kind: 'registry', message: hostile, hint: hostile }] }),
  )
  const text = written.out + written.err
  assert.ok(!text.includes(ESCAPE) && !text.includes('\r'))
  assert.doesNotMatch(text, /^::/m)
})
