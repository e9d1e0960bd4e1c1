import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type ActionLog, ActionReporter, type AnnotationPlace } from '../../src/report/action-reporter.ts'
import { runResult } from '../builders/run-result.ts'

/** Writes down every call as one line. */
function recordingLog() {
  const calls: string[] = []
  const places: (AnnotationPlace | undefined)[] = []
  const annotation = (kind: string) => (message: string, place?: AnnotationPlace) => {
    calls.push(`${kind} ${message}`)
    places.push(place)
  }
  const log: ActionLog = {
    info: (message) => calls.push(`info ${message}`),
    warning: annotation('warning'),
    error: annotation('error'),
    startGroup: (name) => calls.push(`group ${name}`),
    endGroup: () => calls.push('end'),
    setOutput: (name, value) => calls.push(`output ${name}=${value}`),
    writeSummary: async (markdown) => {
      calls.push(`summary ${markdown.split('\n')[0]}`)
    },
  }
  const of = (kind: string) => calls.filter((call) => call.startsWith(`${kind} `))
  return { log, calls, places, of }
}

const failed = { succeeded: false, exitCode: 3 } as const

test('a step is a group, closed when it fails too', async () => {
  const { log, calls } = recordingLog()
  const reporter = new ActionReporter(log)
  assert.equal(await reporter.step('Plan', async () => 42), 42)
  await assert.rejects(reporter.step('Copy', () => Promise.reject(new Error('no'))))
  assert.deepEqual(calls, ['group Plan', 'end', 'group Copy', 'end'])
})

describe('annotations', () => {
  test('stand on the line of the lock that they come from, which the text names for the log', async () => {
    const { log, places, of } = recordingLog()
    const reporter = new ActionReporter(log)
    const location = { file: 'images.yml', line: 7, column: 3 }
    reporter.warn('careful', { file: 'images.yml' })
    await reporter.finished(
      runResult({ ...failed, errors: [{ kind: 'input', message: 'bad.', hint: 'Mend it.', location }] }),
    )
    assert.deepEqual(
      [...of('warning'), ...of('error')],
      ['warning images.yml: careful', 'error images.yml:7:3: bad. Mend it.'],
    )
    assert.deepEqual(places, [{ file: 'images.yml' }, { file: 'images.yml', startLine: 7, startColumn: 3 }])
  })

  test('put a full stop between the problem and what to do about it', async () => {
    const { log, of } = recordingLog()
    const errors = [{ kind: 'signing' as const, message: 'The job may not have one', hint: 'Give it one.' }]
    await new ActionReporter(log).finished(runResult({ ...failed, errors }))
    assert.deepEqual(of('error'), ['error The job may not have one. Give it one.'])
  })

  test('are ten at most, and the other errors are in the log', async () => {
    const { log, of } = recordingLog()
    const errors = Array.from({ length: 12 }, (_, index) => ({
      kind: 'input' as const,
      message: `error ${index}`,
    }))
    await new ActionReporter(log).finished(runResult({ ...failed, errors }))
    assert.deepEqual(
      of('error'),
      errors.slice(0, 10).map(({ message }) => `error ${message}`),
    )
    assert.deepEqual(of('info').slice(0, 2), ['info error 10', 'info error 11'])
  })

  test('are cut at what the runner takes', async () => {
    const { log, of } = recordingLog()
    const errors = [{ kind: 'input' as const, message: 'x'.repeat(5000) }]
    await new ActionReporter(log).finished(runResult({ ...failed, errors }))
    assert.equal(of('error')[0]?.length, 'error '.length + 4096)
  })
})

test('text from elsewhere gives the runner no commands, wherever it is shown', async () => {
  const { log, calls } = recordingLog()
  const reporter = new ActionReporter(log)
  const hostile = '::add-mask::x\n##[group]y'
  reporter.info(hostile)
  reporter.warn(hostile)
  await reporter.step(hostile, async () => undefined)
  const errors = Array.from({ length: 11 }, () => ({ kind: 'input' as const, message: hostile }))
  await reporter.finished(runResult({ ...failed, errors }))
  const shown = calls.filter((call) => !call.startsWith('output ') && !call.startsWith('summary '))
  for (const call of shown) assert.doesNotMatch(call, /^\w+ ::|##\[|\n/)
})

test('progress is a line every ten percent, for the runner keeps every line', (context) => {
  context.mock.timers.enable({ apis: ['Date'], now: 0 })
  const { log, of } = recordingLog()
  const reporter = new ActionReporter(log)
  for (let sent = 0; sent <= 1000; sent++) {
    context.mock.timers.setTime(sent * 1000)
    reporter.progress(sent, 1000)
  }
  assert.equal(of('info').length, 10)
  assert.equal(of('info').at(-1), 'info 1.0 kB of 1.0 kB (100 %)')
})

test('what is over in a moment has no progress', () => {
  const { log, of } = recordingLog()
  const reporter = new ActionReporter(log)
  for (let sent = 0; sent <= 1000; sent++) reporter.progress(sent, 1000)
  assert.deepEqual(of('info'), [])
})

test('a summary that cannot be written is a warning', async () => {
  const { log, calls, of } = recordingLog()
  const full = { ...log, writeSummary: () => Promise.reject(new Error('no space left')) }
  await new ActionReporter(full).finished(runResult())
  assert.deepEqual(of('warning'), ['warning The job summary could not be written: no space left'])
  assert.match(calls.at(-1) ?? '', /^info 1 image promoted/)
})

test('the end sets the outputs, writes the summary, and says the verdict last', async () => {
  const { log, calls, of } = recordingLog()
  await new ActionReporter(log).finished(runResult())
  assert.ok(of('output').includes('output copied=1'))
  assert.match(of('summary')[0] ?? '', /^summary ## ✅ 1 image promoted/)
  assert.match(calls.at(-1) ?? '', /^info 1 image promoted/)
  assert.deepEqual(of('error'), [])
})
