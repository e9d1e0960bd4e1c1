import assert from 'node:assert/strict'
import { test } from 'node:test'
import { digestOf } from '../../src/oci/digest.ts'
import { BlobMemory } from '../../src/registry/blob-memory.ts'
import { startRegistry } from '../fakes/registry-server.ts'
import { connectRegistries, describeBlob } from './connect.ts'

const LARGEST = 64 * 1024
/** So many of the largest fill it. */
const MOST = 256
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

test('keeps a blob of 64 KiB, and none that is larger', async () => {
  const [small, large] = [LARGEST, LARGEST + 1].map((size) => ({ path: 'a', size }))
  assert.ok(small && large)
  assert.equal(await readings(small, small), 1)
  assert.equal(await readings(large, large), 2)
})

test('keeps 16 MiB and nothing beyond', async () => {
  const all = Array.from({ length: MOST }, (_, number) => ({ path: `${number}`, size: LARGEST }))
  const more = { path: 'more', size: 1 }
  assert.equal(await readings(...all, ...all), MOST)
  assert.equal(await readings(...all, more, more), MOST + 2)
  assert.equal(await readings(...all.slice(1), more, more), MOST)
})

test('a reading that fails is not kept, and takes no room', async () => {
  const memory = new BlobMemory()
  const blob = { ...BLOB, size: LARGEST }
  const fail = () => Promise.reject(new Error('no answer'))
  for (let time = 0; time <= MOST; time++) await assert.rejects(memory.recall(NAME, blob, fail), /no answer/)
  let read = 0
  const succeed = async () => {
    read++
    return new Uint8Array()
  }
  for (const _ of [1, 2]) await memory.recall(NAME, blob, succeed)
  assert.equal(read, 1)
})

test('the repositories of a run share one memory', async (context) => {
  await using registry = await startRegistry()
  const registries = connectRegistries(context)
  const at = (path: string) => registries.source({ registry: registry.host, path })
  const blobs = Array.from({ length: MOST }, (_, number) => Buffer.alloc(LARGEST, `${number} `))
  for (const bytes of blobs) {
    registry.store.repository('a').putBlob(bytes)
    await at('a').readBlob(describeBlob(bytes), LARGEST)
  }
  registry.requests.length = 0
  const bytes = Buffer.from('one more')
  registry.store.repository('b').putBlob(bytes)
  for (const _ of [1, 2]) await at('b').readBlob(describeBlob(bytes), LARGEST)
  await at('a').readBlob(describeBlob(blobs[0] ?? bytes), LARGEST)
  assert.deepEqual(
    registry.requests.map(({ path }) => path.split('/')[2]),
    ['b', 'b'],
  )
})
