import assert from 'node:assert/strict'
import { test } from 'node:test'
import { digestOf } from '../../src/oci/digest.ts'
import { BlobMemory } from '../../src/registry/blob-memory.ts'
import { RemoteRegistries } from '../../src/registry/remote-registries.ts'
import { startRegistry } from '../fakes/registry-server.ts'
import { describeBlob, FAST } from './connect.ts'

const MEBIBYTE = 1024 * 1024
const NAME = { registry: 'r.example', path: 'app' }
const BLOB = { mediaType: 'x', digest: digestOf('x'), size: 1 }

/** How often these were read, one after the other. */
async function readings(
  ...asked: readonly { readonly path: string; readonly size: number }[]
): Promise<number> {
  const memory = new BlobMemory()
  let count = 0
  for (const { path, size } of asked) {
    await memory.recall({ ...NAME, path }, { ...BLOB, size }, async () => {
      count++
      return new Uint8Array()
    })
  }
  return count
}

test('keeps a blob of one repository for that repository and that size alone', async () => {
  const a = { path: 'a', size: 1 }
  assert.equal(await readings(a, a, a), 1)
  assert.equal(await readings(a, { path: 'b', size: 1 }, { path: 'a', size: 2 }), 3)
})

test('keeps 16 MiB and nothing beyond', async () => {
  const large = { path: 'a', size: 16 * MEBIBYTE }
  const small = { path: 'a', size: 1 }
  assert.equal(await readings(large, large, small, small), 3)
  const larger = { path: 'a', size: 16 * MEBIBYTE + 1 }
  assert.equal(await readings(larger, larger, small, small), 3)
})

test('the repositories of a run share one memory', async (context) => {
  await using registry = await startRegistry()
  const registries = new RemoteRegistries({ credentials: [], insecure: [] }, { retry: FAST })
  context.after(() => registries.close())
  const bytes = Buffer.alloc(9 * MEBIBYTE)
  const blob = describeBlob(bytes)
  for (const path of ['a', 'b', 'a', 'b']) {
    registry.store.repository(path).putBlob(bytes)
    await registries.source({ registry: registry.host, path }).readBlob(blob, bytes.byteLength)
  }
  assert.deepEqual(
    registry.requests.map(({ path }) => path.split('/')[2]),
    ['a', 'b', 'b'],
  )
})
