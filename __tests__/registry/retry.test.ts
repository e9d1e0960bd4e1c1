import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PromotionError } from '../../src/errors.ts'
import { RegistryError } from '../../src/registry/registry-error.ts'
import {
  isTransientStatus,
  parseRetryAfter,
  RETRY_POLICY,
  waitBefore,
  withRetries,
} from '../../src/registry/retry.ts'
import { startRegistry } from '../fakes/registry-server.ts'
import { connect, describeBlob, FAST, on } from './connect.ts'

const NOW = Date.parse('2031-05-06T07:08:09Z')
const ALWAYS = Number.POSITIVE_INFINITY

function failure(details: { readonly transient?: boolean; readonly retryAfter?: number } = {}) {
  return new RegistryError({
    method: 'GET',
    url: new URL('http://registry.example/'),
    problem: 'no',
    ...details,
  })
}

/** Fails with this error for ever, and counts. */
function failing(error: Error): { attempts: number; readonly attempt: () => Promise<never> } {
  const state = {
    attempts: 0,
    attempt: () => {
      state.attempts += 1
      return Promise.reject(error)
    },
  }
  return state
}

const RETRY_AFTER: readonly (readonly [header: string | undefined, wait: number | undefined])[] = [
  [undefined, undefined],
  ['0', 0],
  ['1', 1000],
  ['120', 120_000],
  ['-5', 0],
  ['Tue, 06 May 2031 07:08:39 GMT', 30_000],
  ['Tue, 06 May 2031 07:08:09 GMT', 0],
  ['Mon, 01 Jan 2001 00:00:00 GMT', 0],
  ['soon', undefined],
  ['Infinity', undefined],
]

for (const [header, wait] of RETRY_AFTER) {
  test(`takes the Retry-After ${header} for ${wait} milliseconds`, () => {
    assert.equal(parseRetryAfter(header, NOW), wait)
  })
}

test('knows the statuses after which asking again may help', () => {
  assert.deepEqual([408, 429, 500, 502, 503, 504].filter(isTransientStatus).length, 6)
  assert.deepEqual([200, 400, 401, 403, 404, 405, 409, 413, 416, 501, 505].filter(isTransientStatus), [])
})

test('tries no more often than the policy says, and throws the last error', async () => {
  const error = failure({ transient: true })
  const { attempt } = failing(error)
  const state = failing(error)
  await assert.rejects(withRetries(FAST, undefined, state.attempt), (thrown) => thrown === error)
  assert.equal(state.attempts, 1 + FAST.retries)
  await assert.rejects(withRetries({ ...FAST, retries: 0 }, undefined, attempt))
})

test('does not try again what fails for good', async () => {
  for (const error of [failure(), new PromotionError('input', 'x'), new Error('x')]) {
    const state = failing(error)
    await assert.rejects(withRetries(FAST, undefined, state.attempt))
    assert.equal(state.attempts, 1)
  }
})

test('retries around retries do not multiply', async () => {
  const state = failing(failure({ transient: true }))
  const outer = withRetries(FAST, undefined, () => withRetries(FAST, undefined, state.attempt))
  await assert.rejects(outer)
  assert.equal(state.attempts, 1 + FAST.retries)
})

test('waits twice as long each time, up to a limit and with a share of chance', () => {
  const longest = [500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]
  for (const [tried, limit] of longest.entries()) {
    const waits = Array.from({ length: 50 }, () => waitBefore(tried, undefined, RETRY_POLICY))
    assert.ok(waits.every((wait) => wait >= limit / 2 && wait <= limit))
    assert.ok(new Set(waits).size > 1)
  }
})

test('waits as long as the registry asked, but neither for ever nor not at all', () => {
  assert.equal(waitBefore(0, 2000, RETRY_POLICY), 2000)
  assert.equal(waitBefore(0, 3_600_000, RETRY_POLICY), 60_000)
  assert.ok(waitBefore(2, 0, RETRY_POLICY) >= 250)
})

test('a run that is stopped waits no longer, and says why it was stopped', async () => {
  const stop = new AbortController()
  const reason = new PromotionError('interrupted', 'The run was ended by SIGTERM')
  const state = failing(failure({ transient: true, retryAfter: 60_000 }))
  const run = withRetries(RETRY_POLICY, stop.signal, state.attempt)
  setImmediate(() => stop.abort(reason))
  await assert.rejects(run, (error) => error === reason)
  assert.equal(state.attempts, 1)
})

for (const [what, headers] of [
  ['without Retry-After', {}],
  ['with Retry-After in seconds', { 'retry-after': '1' }],
  ['with Retry-After as a date', { 'retry-after': new Date(Date.now() + 20_000).toUTCString() }],
  ['with Retry-After in the past', { 'retry-after': 'Mon, 01 Jan 2001 00:00:00 GMT' }],
] as const) {
  test(`gets through two 429 ${what}`, async (context) => {
    await using registry = await startRegistry()
    registry.fault(() => true, 2, { status: 429, headers, body: '<html>slow down</html>' })
    assert.equal(await connect(context, registry).fetchManifest('v1'), undefined)
    assert.equal(registry.requests.length, 3)
  })
}

test('gets through resets, and through answers that break off', async (context) => {
  await using registry = await startRegistry()
  for (const play of ['reset', 'reset in the body', 'early end', 'reset'] as const) {
    registry.fault(() => true, 1, play)
  }
  assert.equal(await connect(context, registry).fetchManifest('v1'), undefined)
  assert.equal(registry.requests.length, 5)
})

test('gives up a registry that hangs, after as many attempts as any other', async (context) => {
  await using registry = await startRegistry()
  registry.fault(() => true, ALWAYS, 'hang')
  const repository = connect(context, registry, { idleTimeout: 20, retry: { ...FAST, retries: 1 } })
  await assert.rejects(repository.fetchManifest('v1'), { kind: 'registry', status: undefined })
  assert.equal(registry.requests.length, 2)
})

for (const status of [400, 403, 404, 409, 416, 422]) {
  test(`asks once when the answer is ${status}`, async (context) => {
    await using registry = await startRegistry()
    registry.fault(on('GET', '/blobs/'), ALWAYS, { status })
    await assert.rejects(connect(context, registry).readBlob(describeBlob('x'), 10), { status })
    assert.equal(registry.requests.length, 1)
  })
}
