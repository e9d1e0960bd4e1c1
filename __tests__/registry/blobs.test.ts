import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { digestOf } from '../../src/oci/digest.ts'
import { RegistryError } from '../../src/registry/registry-error.ts'
import { type Answer, answer } from '../fakes/registry-exchange.ts'
import type { Play } from '../fakes/registry-faults.ts'
import { type RegistryServer, startRegistry } from '../fakes/registry-server.ts'
import type { RegistrySwitches } from '../fakes/registry-switches.ts'
import { type Connection, collect, connect, describeBlob, FAST, on, PATH } from './connect.ts'

const TEXT = '0123456789abcdef'
const BLOB = describeBlob(TEXT)
const ALWAYS = Number.POSITIVE_INFINITY
const BLOBS = on('GET', '/blobs/')

async function registryWithBlob(switches: Partial<RegistrySwitches> = {}): Promise<RegistryServer> {
  const registry = await startRegistry(switches)
  registry.store.repository(PATH).putBlob(Buffer.from(TEXT))
  return registry
}

function fetchText(context: TestContext, registry: RegistryServer, options?: Connection): Promise<string> {
  return collect(connect(context, registry, options).fetchBlob(BLOB))
}

function rangesOf(registry: RegistryServer): readonly (string | undefined)[] {
  return registry.requests.filter(BLOBS).map(({ headers }) => headers.range)
}

for (const play of ['reset in the body', 'early end'] as const) {
  test(`goes on where a transfer broke off by ${play}`, async (context) => {
    await using registry = await registryWithBlob()
    registry.fault(BLOBS, 2, play)
    assert.equal(await fetchText(context, registry), TEXT)
    assert.deepEqual(rangesOf(registry), [undefined, 'bytes=8-', 'bytes=12-'])
  })
}

test('goes on where a transfer stalled', async (context) => {
  await using registry = await registryWithBlob()
  registry.fault(BLOBS, 1, 'stall in the body')
  assert.equal(await fetchText(context, registry, { idleTimeout: 50 }), TEXT)
  assert.deepEqual(rangesOf(registry), [undefined, 'bytes=8-'])
})

test('a registry that ignores Range sends all of it again, and no byte is taken twice', async (context) => {
  await using registry = await registryWithBlob()
  registry.fault(BLOBS, 1, 'reset in the body')
  registry.fault(BLOBS, 1, () => answer(200, {}, TEXT))
  assert.equal(await fetchText(context, registry), TEXT)
})

test('a broken transfer is asked for again after a 503 too', async (context) => {
  await using registry = await registryWithBlob()
  for (const play of ['reset in the body', { status: 503 }, { status: 503 }] as const)
    registry.fault(BLOBS, 1, play)
  assert.equal(await fetchText(context, registry), TEXT)
})

for (const [what, range] of [
  ['begins elsewhere', 'bytes 0-15/16'],
  ['begins with the same digit', 'bytes 80-95/96'],
  ['is malformed', 'sixteen'],
  ['is missing', undefined],
] as const) {
  test(`refuses a part whose Content-Range ${what}`, async (context) => {
    await using registry = await registryWithBlob()
    registry.fault(BLOBS, 1, 'reset in the body')
    const headers = range === undefined ? {} : { 'content-range': range }
    registry.fault(BLOBS, ALWAYS, () => answer(206, headers, TEXT.slice(8)))
    await assert.rejects(fetchText(context, registry), /instead of the one from 8/)
  })
}

test('refuses a part that was not asked for', async (context) => {
  await using registry = await registryWithBlob()
  registry.fault(BLOBS, ALWAYS, () => answer(206, { 'content-range': 'bytes 0-15/16' }, TEXT))
  await assert.rejects(fetchText(context, registry), { status: 206 })
})

test('a blob that never advances ends with an error', async (context) => {
  await using registry = await registryWithBlob()
  const half = (): Answer => ({ ...answer(200, {}, TEXT), cut: 'reset' })
  registry.fault(BLOBS, ALWAYS, half)
  await assert.rejects(fetchText(context, registry), (error) => {
    assert.ok(error instanceof RegistryError)
    assert.match(error.message, /^GET http:.+ failed: /)
    return error.cause !== undefined
  })
  assert.ok(registry.requests.length <= 1 + FAST.retries, `${registry.requests.length} requests`)
})

test('a blob that comes a byte a connection ends with an error after a few', async (context) => {
  await using registry = await registryWithBlob()
  registry.fault(BLOBS, ALWAYS, ({ headers }) => {
    const from = Number(/bytes=(\d+)-/.exec(headers.range ?? '')?.[1] ?? 0)
    const rest = TEXT.slice(from)
    const part = { 'content-length': String(rest.length), 'content-range': `bytes ${from}-15/16` }
    return { ...answer(from === 0 ? 200 : 206, part, rest.slice(0, 2)), cut: 'end' }
  })
  await assert.rejects(fetchText(context, registry), RegistryError)
  assert.deepEqual(rangesOf(registry), [undefined, 'bytes=1-', 'bytes=2-', 'bytes=3-', 'bytes=4-'])
})

test('a transfer that brings 64 KiB may break off as often as it likes', async (context) => {
  await using registry = await startRegistry()
  const bytes = Buffer.alloc(8 * 64 * 1024)
  registry.store.repository(PATH).putBlob(bytes)
  registry.fault(BLOBS, 7, ({ headers }) => {
    const from = Number(/bytes=(\d+)-/.exec(headers.range ?? '')?.[1] ?? 0)
    const rest = String(bytes.byteLength - from)
    const part = { 'content-length': rest, 'content-range': `bytes ${from}-${bytes.byteLength - 1}/*` }
    return { ...answer(from === 0 ? 200 : 206, part, bytes.subarray(0, 2 * 64 * 1024)), cut: 'end' }
  })
  const text = await collect(connect(context, registry).fetchBlob(describeBlob(bytes)))
  assert.equal(text.length, bytes.byteLength)
  assert.equal(registry.requests.length, 8)
})

for (const [play, problem] of [
  ['flipped byte', /200 with bytes of the digest/],
  ['short body', /200 with 8 bytes instead of the 16 of/],
  ['extra bytes', /200 with more than the 16 bytes of/],
] as const) {
  test(`refuses a blob with ${play}, and does not ask for it again`, async (context) => {
    await using registry = await registryWithBlob()
    registry.fault(BLOBS, ALWAYS, play)
    await assert.rejects(fetchText(context, registry), problem)
    assert.equal(registry.requests.length, 1)
  })
}

test('refuses a byte that was flipped in the second part', async (context) => {
  await using registry = await registryWithBlob()
  registry.fault(BLOBS, 1, 'reset in the body')
  registry.fault(BLOBS, 1, 'flipped byte')
  await assert.rejects(fetchText(context, registry), /bytes of the digest/)
})

test('checks a sha512 blob by sha512', async (context) => {
  await using registry = await registryWithBlob()
  const digest = digestOf(TEXT, 'sha512')
  registry.store.repository(PATH).putBlob(Buffer.from(TEXT), digest)
  const repository = connect(context, registry)
  assert.equal(await collect(repository.fetchBlob({ ...BLOB, digest })), TEXT)
  registry.fault(BLOBS, 1, 'flipped byte')
  await assert.rejects(collect(repository.fetchBlob({ ...BLOB, digest })), /bytes of the digest/)
})

test('reads an empty blob', async (context) => {
  await using registry = await startRegistry()
  registry.store.repository(PATH).putBlob(Buffer.alloc(0))
  assert.equal(await collect(connect(context, registry).fetchBlob(describeBlob(''))), '')
})

test('stops an endless blob at the first byte too many', async (context) => {
  await using registry = await registryWithBlob()
  registry.fault(BLOBS, ALWAYS, () => ({ ...answer(200, {}, 'x'.repeat(1024 * 1024)), cut: 'stall' }))
  await assert.rejects(fetchText(context, registry), /more than the 16 bytes/)
})

test('refuses a blob beyond the limit before asking for it', async (context) => {
  await using registry = await registryWithBlob()
  await assert.rejects(
    connect(context, registry).readBlob(BLOB, 15),
    /the blob has 16 bytes, more than the 15 that are read/,
  )
  assert.equal(registry.requests.length, 0)
})

test('a blob that lies about its size is read no further than that', async (context) => {
  await using registry = await registryWithBlob()
  await assert.rejects(connect(context, registry).readBlob({ ...BLOB, size: 4 }, 15), /more than the 4 bytes/)
})

test('closes a blob that is not read to its end', async (context) => {
  await using registry = await registryWithBlob()
  registry.fault(BLOBS, 1, 'stall in the body')
  for await (const chunk of connect(context, registry).fetchBlob(BLOB)) {
    assert.equal(Buffer.from(chunk).toString(), '01234567')
    break
  }
  assert.equal(registry.requests.length, 1)
})

test('a blob is absent only on a 404', async (context) => {
  await using registry = await registryWithBlob()
  const repository = connect(context, registry)
  assert.equal(await repository.hasBlob(BLOB), true)
  assert.equal(await repository.hasBlob(describeBlob('other')), false)
  await assert.rejects(collect(repository.fetchBlob(describeBlob('other'))), { status: 404 })
})

test('a storage that does not have what the registry refers to does not make it absent', async (context) => {
  await using registry = await registryWithBlob({ redirectBlobs: true })
  registry.fault(on('HEAD'), 1, { status: 307, headers: { location: `http://${registry.hostElsewhere}/x` } })
  await assert.rejects(connect(context, registry).hasBlob(BLOB), {
    status: 404,
    message: /answered 404 after a redirect/,
  })
})

test('follows a redirect to storage without the credentials, in every part', async (context) => {
  const account = { username: 'robot', password: 'pa55word' }
  await using registry = await registryWithBlob({
    redirectBlobs: true,
    auth: { by: 'basic', accounts: [account] },
  })
  registry.fault(({ origin }) => origin === 'elsewhere', 1, 'reset in the body')
  assert.equal(await fetchText(context, registry, { login: ['robot', 'pa55word'] }), TEXT)
  const elsewhere = registry.requests.filter(({ origin }) => origin === 'elsewhere')
  assert.deepEqual(
    elsewhere.map(({ headers }) => [headers.authorization, headers.cookie, headers.range]),
    [
      [undefined, undefined, undefined],
      [undefined, undefined, 'bytes=8-'],
    ],
  )
})

test('an expired signature of the storage is not taken for a missing blob', async (context) => {
  await using registry = await registryWithBlob({ redirectBlobs: true })
  registry.fault(({ origin }) => origin === 'elsewhere', ALWAYS, {
    status: 403,
    body: '<Error>Expired</Error>',
  })
  await assert.rejects(fetchText(context, registry), (error: Error) => {
    assert.match(error.message, /answered 403: <Error>Expired<\/Error>$/)
    return !error.message.includes('signature=')
  })
})

test('does not show its credentials to a storage that asks for them', async (context) => {
  const account = { username: 'robot', password: 'pa55word' }
  await using registry = await registryWithBlob({
    redirectBlobs: true,
    auth: { by: 'basic', accounts: [account] },
  })
  const challenge = `Bearer realm="http://${registry.hostElsewhere}/steal",service="x"`
  registry.fault(({ origin }) => origin === 'elsewhere', ALWAYS, {
    status: 401,
    headers: { 'www-authenticate': challenge },
  })
  await assert.rejects(fetchText(context, registry, { login: ['robot', 'pa55word'] }), /401 after a redirect/)
  const stolen = registry.requests.filter(({ path }) => path === '/steal')
  assert.deepEqual(stolen, [])
})

for (const [where, location] of [
  ['in a circle', (registry: RegistryServer) => `http://${registry.host}/v2/${PATH}/blobs/${BLOB.digest}`],
  ['to a link-local address', () => 'http://169.254.169.254/latest/meta-data'],
  ['to a file', () => 'file:///etc/passwd'],
  ['to a URL with credentials', () => 'http://user:pass@127.0.0.1/'],
  ['to a plain http host that was not named', () => 'http://storage.example/blob'],
] as const) {
  test(`does not follow a redirect ${where}`, async (context) => {
    await using registry = await registryWithBlob()
    const play: Play = { status: 307, headers: { location: location(registry) } }
    registry.fault(BLOBS, ALWAYS, play)
    await assert.rejects(fetchText(context, registry), /one redirect too many|it points to (?!.*pass)/)
    assert.ok(registry.requests.length <= 6)
  })
}

test('a redirect without a usable Location is an error with its status', async (context) => {
  await using registry = await registryWithBlob()
  for (const headers of [{}, { location: 'http://' }]) {
    registry.fault(BLOBS, 1, { status: 302, headers })
    await assert.rejects(fetchText(context, registry), { status: 302 })
  }
})
