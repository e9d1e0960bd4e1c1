import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ManifestMemory } from '../../src/layout/manifest-memory.ts'
import type { Manifest } from '../../src/oci/manifest.ts'
import { buildImage } from '../builders/build-image.ts'

const { descriptor, manifest } = buildImage({ seed: 'kept' })

/** How often a manifest is read that is asked for this many times. */
async function readings(
  times: number,
  found: Manifest | undefined,
  memory = new ManifestMemory(),
): Promise<number> {
  let count = 0
  for (let time = 0; time < times; time++) {
    const got = await memory.recall(descriptor, async () => {
      count += 1
      return found
    })
    assert.equal(got, found)
  }
  return count
}

test('a manifest is read once, one that is missing each time', async () => {
  assert.equal(await readings(3, manifest), 1)
  assert.equal(await readings(3, undefined), 3)
})

test('under another type it is another manifest', async () => {
  const memory = new ManifestMemory()
  await memory.recall({ ...descriptor, mediaType: 'application/json' }, async () => undefined)
  assert.equal(await readings(2, manifest, memory), 1)
  const other = await memory.recall({ ...descriptor, mediaType: 'application/json' }, async () => undefined)
  assert.equal(other, undefined)
})

test('a full memory keeps nothing more, and what it has', async () => {
  const memory = new ManifestMemory()
  const half = { ...manifest, bytes: Buffer.alloc(9 * 1024 * 1024) }
  await memory.recall({ ...descriptor, mediaType: 'application/json' }, async () => half)
  assert.equal(await readings(2, half, memory), 2)
  const kept = memory.recall({ ...descriptor, mediaType: 'application/json' }, async () => undefined)
  assert.equal(await kept, half)
})
