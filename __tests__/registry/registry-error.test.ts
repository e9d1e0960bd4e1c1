import assert from 'node:assert/strict'
import { test } from 'node:test'
import { printable, quoteErrorBody, RegistryError } from '../../src/registry/registry-error.ts'
import { startRegistry } from '../fakes/registry-server.ts'
import { connect, PATH } from './connect.ts'

test('holds method, URL without user, password and query, status, and the registry’s own words', () => {
  const url = new URL('https://user:hunter2@r.example/v2/app/blobs/x?signature=hunter2#hunter2')
  const error = new RegistryError({ method: 'GET', url, status: 403, problem: '403: DENIED: no' })
  assert.equal(error.message, 'GET https://r.example/v2/app/blobs/x answered 403: DENIED: no')
  assert.doesNotMatch(String(error.stack), /hunter2/)
})

const BODIES: readonly (readonly [body: string, words: string, codes: readonly string[]])[] = [
  ['', '', []],
  ['plain words\r\n::error::of a proxy', 'plain words ::error::of a proxy', []],
  ['{"errors":[{"code":"DENIED","message":"no"}]}', 'DENIED: no', ['DENIED']],
  ['{"errors":[{"code":"A"},{"message":"b"}]}', 'A; b', ['A', '']],
  ['{"errors":[]}', '{"errors":[]}', []],
  ['{"errors":[null,7]}', '{"errors":[null,7]}', []],
  ['{"errors":"x"}', '{"errors":"x"}', []],
  ['{"errors":[{"code":1,"message":{"a":2}}]}', '', ['']],
  ['{"errors":[{"code":"A","message":"\\u001b[31mred\\nline\\u202e"}]}', 'A: [31mred line', ['A']],
]

for (const [body, words, codes] of BODIES) {
  test(`quotes the error body ${JSON.stringify(body)}`, () => {
    assert.deepEqual(quoteErrorBody(body), { words, codes })
  })
}

test('makes any text one short line without control characters', () => {
  assert.equal(printable('  a\u0000\t\u2028b\u200b\u009b \n'), 'a b')
  assert.equal(printable('x'.repeat(501)), `${'x'.repeat(500)}…`)
})

test('quotes no more than the beginning of an endless error', async (context) => {
  await using registry = await startRegistry()
  const body = `\u001b[2J${'long '.repeat(100_000)}`
  registry.fault(() => true, Number.POSITIVE_INFINITY, { status: 400, body })
  await assert.rejects(connect(context, registry).fetchManifest('v1'), (error: Error) => {
    assert.match(error.message, /answered 400: \[2Jlong /)
    return error.message.length < 700
  })
})

test('an error body that breaks off takes nothing from the status', async (context) => {
  await using registry = await startRegistry()
  registry.fault(
    () => true,
    1,
    (_, proceed) => ({ ...proceed(), status: 403, cut: 'reset' }),
  )
  await assert.rejects(connect(context, registry).fetchManifest('v1'), { status: 403 })
})

test('a registry that is not there is named with the reason', async (context) => {
  const registry = await startRegistry()
  await registry.stop()
  await assert.rejects(connect(context, registry).fetchManifest('v1'), {
    message: `GET http://${registry.host}/v2/${PATH}/manifests/v1 failed: connect ECONNREFUSED ${registry.host}`,
  })
})
