import assert from 'node:assert/strict'
import { test } from 'node:test'
import { copyImages } from '../../src/copy/copy-images.ts'
import type { ServerCopy } from '../../src/copy/server-copy.ts'
import { PromotionError } from '../../src/errors.ts'
import { parseRepositoryName } from '../../src/oci/reference.ts'
import { buildKeys } from '../builders/build-keys.ts'
import { buildCompleteSample } from '../builders/build-sample.ts'
import { FULL_PROOF } from '../builders/copy-options.ts'
import { SOURCE, WatchedRegistries } from '../builders/watched-registries.ts'

const TARGET = 'prod.example/app'
const sample = buildCompleteSample('server', buildKeys())

/** A server that copies blobs from the source to the target, and the images' own manifests. */
function serverBetween(registries: WatchedRegistries): ServerCopy {
  const source = registries.at(SOURCE)
  return {
    bringBlob: async ({ digest }, to) => {
      const bytes = source.blobs.get(digest)
      assert.ok(bytes)
      registries.target(to).blobs.set(digest, bytes)
    },
    bringManifest: async (manifest, to) => {
      if (manifest.descriptor.digest !== sample.image.digest) return false
      registries.target(to).manifests.set(manifest.descriptor.digest, manifest)
      return true
    },
  }
}

test('where a server copies, no blob is read or sent, not even to another host', async () => {
  const registries = new WatchedRegistries(sample)
  const plan = await registries.plan([TARGET])
  assert.ok(plan.blobs.every(({ targets }) => targets.every(({ mountFrom }) => mountFrom === undefined)))
  let sent = 0
  const onBytes = (bytes: number) => {
    sent = bytes
  }
  const server = serverBetween(registries)
  const [[outcome] = []] = await copyImages(plan, registries, {
    ...FULL_PROOF,
    mounted: 'head',
    onBytes,
    server,
  })
  assert.equal(outcome?.error, undefined)
  assert.deepEqual(new Set(outcome?.blobs.map(({ action }) => action)), new Set(['mounted']))
  const { writes } = registries.at(TARGET)
  assert.ok(writes.length > 0)
  assert.ok(!writes.some((write) => write.startsWith('blob ') || write.startsWith('mount ')))
  assert.ok(!writes.includes(`manifest ${sample.image.digest}`))
  assert.deepEqual(registries.at(SOURCE).reads, [])
  assert.ok(sent < plan.blobs.reduce((sum, { blob }) => sum + blob.size, sent))
})

test('what a server does not bring fails its image, and no manifest is written', async () => {
  const registries = new WatchedRegistries(sample)
  const plan = await registries.plan([TARGET])
  const refusal = new PromotionError('registry', 'denied')
  const server = { ...serverBetween(registries), bringBlob: () => Promise.reject(refusal) }
  const [[outcome] = []] = await copyImages(plan, registries, { ...FULL_PROOF, server })
  assert.equal(outcome?.error, refusal)
  assert.deepEqual(registries.target(parseRepositoryName(TARGET)).writes, [])
})
