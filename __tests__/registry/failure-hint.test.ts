import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:https'
import { type TestContext, test } from 'node:test'
import { HttpClient } from '../../src/registry/http.ts'
import { RegistryError } from '../../src/registry/registry-error.ts'
import { SELF_SIGNED } from '../builders/self-signed.ts'
import { startRegistry } from '../fakes/registry-server.ts'
import { connect, FAST, on } from './connect.ts'

const AGAIN = 'Run again when r.example is well'
const CHECK = 'Check that r.example can be reached from here, and run again'
const READ_ONLY = 'r.example does not allow this: is the repository read-only?'
const FORBIDDEN = 'r.example does not allow this: ask whoever runs it.'
const SENT = ': what arrived is not sent twice.'

const HINTS: readonly (readonly [method: string, status: number | undefined, hint: string | RegExp])[] = [
  ['GET', undefined, `${CHECK}.`],
  ['HEAD', undefined, `${CHECK}.`],
  ['PUT', undefined, `${CHECK}${SENT}`],
  ['GET', 500, `${AGAIN}.`],
  ['POST', 503, `${AGAIN}${SENT}`],
  ['GET', 408, `${AGAIN}.`],
  ['GET', 200, `${AGAIN}.`],
  ['PUT', 405, READ_ONLY],
  ['DELETE', 409, READ_ONLY],
  ['GET', 405, FORBIDDEN],
  ['GET', 400, FORBIDDEN],
  ['GET', 401, /^Log in to r\.example/],
  ['PUT', 403, /^Log in to r\.example/],
  ['GET', 404, /^Check the name/],
  ['PUT', 413, /limits the size/],
  ['GET', 429, /limits the rate/],
]

for (const [method, status, hint] of HINTS) {
  test(`says what to do when ${method} is answered with ${status ?? 'nothing'}`, () => {
    const url = new URL('https://r.example/')
    const error = new RegistryError({ method, url, problem: 'x', ...(status !== undefined && { status }) })
    if (typeof hint === 'string') assert.equal(error.hint, hint)
    else assert.match(error.hint ?? '', hint)
  })
}

test('a bare 400 of loopback may come from a registry that speaks TLS; one with a code does not', async (context) => {
  await using registry = await startRegistry()
  const repository = connect(context, registry)
  registry.fault(on('GET'), 1, { status: 400, body: 'Client sent an HTTP request to an HTTPS server.' })
  await assert.rejects(repository.fetchManifest('v1'), {
    hint: 'This may be a TLS registry: loopback is spoken to in plain HTTP.',
  })
  registry.fault(on('GET'), 1, { status: 400, body: '{"errors":[{"code":"TAG_INVALID","message":"no"}]}' })
  await assert.rejects(repository.fetchManifest('v1'), {
    hint: `${registry.host} does not allow this: ask whoever runs it.`,
  })
})

test('a registry without TLS is said to be one, and not asked again', async (context) => {
  await using registry = await startRegistry()
  await assert.rejects(ask(context, registry.host), {
    transient: false,
    hint: `It answers without TLS; if that is intended, add ${registry.host} to \`insecure-registries\`.`,
  })
})

test('a certificate that nobody signed is said to be one, and not asked for again', async (context) => {
  let connections = 0
  const server = createServer(SELF_SIGNED).listen(0, '127.0.0.1')
  context.after(() => server.close())
  server.on('connection', () => {
    connections++
  })
  await once(server, 'listening')
  const address = server.address()
  assert.ok(address !== null && typeof address === 'object')
  await assert.rejects(ask(context, `127.0.0.1:${address.port}`), {
    transient: false,
    hint: 'Set NODE_EXTRA_CA_CERTS to the file of your CA, or mend the certificate.',
  })
  assert.equal(connections, 1)
})

/** Asks by https, which loopback is never asked by otherwise, with the retries of a run. */
function ask(context: TestContext, host: string): Promise<unknown> {
  const http = new HttpClient({ retry: FAST })
  context.after(() => http.close())
  const url = new URL(`https://${host}/v2/`)
  return http.retry(() => http.attempt({ method: 'GET', url, expect: [200] }))
}
