import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type RegistryServer, startRegistry } from '../fakes/registry-server.ts'
import { connect, describeBlob, on, PATH } from './connect.ts'

const ALWAYS = Number.POSITIVE_INFINITY
const BLOBS = on('GET', '/blobs/')
const SIZES = [
  ['a small blob', 1024],
  ['a blob that is kept nowhere', 100 * 1024],
  ['a large blob', 1024 * 1024],
] as const

async function registryWith(bytes: Buffer): Promise<RegistryServer> {
  const registry = await startRegistry()
  registry.store.repository(PATH).putBlob(bytes)
  return registry
}

for (const [what, size] of SIZES) {
  const bytes = Buffer.alloc(size, 'whole ')
  const blob = describeBlob(bytes)

  test(`${what} is whole when every byte of it was read, with one request`, async (context) => {
    await using registry = await registryWith(bytes)
    assert.equal(await connect(context, registry).hasWholeBlob(blob), true)
    assert.deepEqual(
      registry.requests.map(({ method, bytesOut }) => [method, bytesOut]),
      [['GET', size]],
    )
  })

  test(`${what} that is not there is no error`, async (context) => {
    await using registry = await startRegistry()
    assert.equal(await connect(context, registry).hasWholeBlob(blob), false)
  })

  for (const [play, problem] of [
    ['flipped byte', /with bytes of the digest/],
    ['short body', /instead of the|bytes of the digest/],
    ['extra bytes', /more than the/],
  ] as const) {
    test(`${what} with ${play} is an error that names its digest`, async (context) => {
      await using registry = await registryWith(bytes)
      registry.fault(BLOBS, ALWAYS, play)
      await assert.rejects(connect(context, registry).hasWholeBlob(blob), (error: Error) => {
        assert.match(error.message, problem)
        return error.message.includes(blob.digest)
      })
    })
  }

  for (const status of [401, 403, 500]) {
    test(`${what} that is answered with ${status} is an error, and not absent`, async (context) => {
      await using registry = await registryWith(bytes)
      registry.fault(BLOBS, ALWAYS, { status })
      await assert.rejects(connect(context, registry).hasWholeBlob(blob), { status })
    })
  }
}
