import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inspect } from 'node:util'
import { PromotionError } from '../../src/errors.ts'
import { MEDIA_TYPES } from '../../src/oci/media-types.ts'
import { RemoteRegistries } from '../../src/registry/remote-registries.ts'
import { buildImage } from '../builders/build-image.ts'
import { answer } from '../fakes/registry-exchange.ts'
import type { FaultHandler } from '../fakes/registry-faults.ts'
import { startRegistry } from '../fakes/registry-server.ts'
import type { AuthSwitch } from '../fakes/registry-switches.ts'
import { collect, connect, credentialsOf, describeBlob, FAST, PATH } from './connect.ts'

const IMAGE = buildImage({ seed: 'redaction' })
const PASSWORD = 'pa"ss\\w\u00f6rd1'
const ACCOUNTS = [{ username: 'bob', password: PASSWORD }]
const BASIC: AuthSwitch = { by: 'basic', accounts: ACCOUNTS }
const BEARER: AuthSwitch = { by: 'bearer', accounts: ACCOUNTS }
const LONG = 'x'.repeat(480)

function escaped(text: string): string {
  return [...text].map((sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`).join('')
}

/** What a request showed, in the clear as well where it was Basic. */
function shown(authorization = ''): string {
  const [, sent = ''] = authorization.split(' ')
  return `${sent} ${authorization.startsWith('Basic') ? Buffer.from(sent, 'base64') : ''}`
}

function errorBody(message: string): string {
  return `{"errors":[{"code":"DENIED","message":"${message}"}]}`
}

const ECHOES: Readonly<Record<string, FaultHandler>> = {
  'in JSON that escapes every letter': ({ headers }) =>
    answer(403, {}, errorBody(escaped(shown(headers.authorization)))),
  'in ordinary JSON': ({ headers }) =>
    answer(403, {}, errorBody(JSON.stringify(shown(headers.authorization)).slice(1, -1))),
  'where the quote is cut off': ({ headers }) =>
    answer(403, {}, errorBody(`${LONG}${escaped(shown(headers.authorization).trim())}`)),
  'as a digest': ({ headers }, proceed) => {
    const digest = `sha256:${encodeURIComponent(shown(headers.authorization))}`
    return { ...proceed(), headers: { 'docker-content-digest': digest } }
  },
  'in an annotation': ({ headers }) => {
    const key = shown(headers.authorization)
    const json = { ...JSON.parse(Buffer.from(IMAGE.manifest.bytes).toString()), annotations: { [key]: 1 } }
    return answer(200, { 'content-type': MEDIA_TYPES.ociManifest }, JSON.stringify(json))
  },
  'in bytes that are no JSON': ({ headers }) => answer(200, {}, shown(headers.authorization)),
  'in the path of a redirect': ({ headers, path }) =>
    path.startsWith('/echo')
      ? answer(403)
      : answer(307, { location: `/echo/${encodeURIComponent(shown(headers.authorization))}` }),
}

for (const auth of [BASIC, BEARER]) {
  for (const [where, play] of Object.entries(ECHOES)) {
    test(`a registry with ${auth.by} auth that repeats ${where} what it was sent is quoted without it`, async (context) => {
      await using registry = await startRegistry({ auth })
      IMAGE.putInto(registry.store, PATH, 'v1')
      registry.fault(
        ({ headers, path }) => path !== '/token' && headers.authorization !== undefined,
        Number.POSITIVE_INFINITY,
        play,
      )
      const repository = connect(context, registry, { login: ['bob', PASSWORD] })
      const error: unknown = await repository.fetchManifest('v1').then(undefined, (thrown) => thrown)
      assert.ok(error instanceof PromotionError)
      const sent = registry.requests.flatMap(({ headers }) => headers.authorization?.split(' ')[1] ?? [])
      assert.ok(sent.length > 0)
      const text = `${error.message} ${inspect(error, { depth: 9 })}`
      // The first letters are enough: where a text is cut off, no more of a secret would be left.
      for (const secret of [...sent, PASSWORD, encodeURIComponent(PASSWORD), escaped(PASSWORD)]) {
        assert.ok(!text.includes(secret.slice(0, 7)), `${secret} in ${text}`)
      }
    })
  }
}

test('a blob’s range that repeats the password is quoted without it', async (context) => {
  await using registry = await startRegistry({ auth: BASIC })
  const headers = { 'content-range': `bytes ${Buffer.from(`bob:${PASSWORD}`).toString('base64')}` }
  registry.fault(
    (request) => request.headers.range !== undefined,
    1,
    () => answer(206, headers),
  )
  registry.store.repository(PATH).putBlob(Buffer.from('0123456789'))
  const blob = describeBlob('0123456789')
  registry.fault((request) => request.headers.authorization !== undefined, 1, 'reset in the body')
  const repository = connect(context, registry, { login: ['bob', PASSWORD] })
  await assert.rejects(collect(repository.fetchBlob(blob)), /206 with the range "bytes \*\*\*=*" instead/)
})

test('takes what the run was given, and what it was granted, out of any text', async (context) => {
  await using registry = await startRegistry({ auth: BEARER })
  const credentials = [credentialsOf(registry.host, 'bob', PASSWORD)]
  const registries = new RemoteRegistries({ credentials, insecure: [] }, { retry: FAST })
  context.after(() => registries.close())
  assert.equal(registries.redact(`cosign says ${PASSWORD}`), 'cosign says ***')
  assert.equal(
    await registries.source({ registry: registry.host, path: PATH }).fetchManifest('v1'),
    undefined,
  )
  const [token = ''] = registry.requests
    .flatMap(({ headers }) => headers.authorization?.split(' ')[1] ?? [])
    .slice(-1)
  assert.notEqual(token, '')
  assert.equal(registries.redact(`cosign says ${token}`), 'cosign says ***')
})
