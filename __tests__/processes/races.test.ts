import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import pMap from 'p-map'
import { attachedTag, fallbackTag } from '../../src/oci/attached-tag.ts'
import { buildImage } from '../builders/build-image.ts'
import { buildKeys } from '../builders/build-keys.ts'
import type { BuiltArtifact } from '../builders/built-artifact.ts'
import { type RegistryServer, startRegistry } from '../fakes/registry-server.ts'
import { differences, movedTags, startBigScene, wantedTags } from './big-scene.ts'
import { holdBack } from './hold-request.ts'
import { type Ended, Product } from './product.ts'

const WRITERS = 10
const REPEATS = 20
const PATH = 'team/app'
const READS: readonly string[] = ['GET', 'HEAD']
const SIZE = 1024 * 1024

let product: Product

before(async () => {
  product = await Product.build()
})

after(() => product?.[Symbol.asyncDispose]())

describe('two runs to one target at the same time', () => {
  for (const referrersApi of [true, false]) {
    const kind = referrersApi ? 'with' : 'without'
    test(`both succeed on a registry ${kind} the referrers API`, async () => {
      const big = await startBigScene({ referrersApi }, SIZE)
      await using scene = big.scene
      const runs = await Promise.all([1, 2].map(() => product.run(scene.folder, big.inputs)))
      for (const { exitCode, output } of runs) assert.equal(exitCode, 0, output)
      assert.deepEqual(movedTags(scene), wantedTags(big))
      assert.deepEqual(differences(scene), [])
    })
  }

  test('one that finds the tags where it wants them succeeds', async () => {
    const big = await startBigScene({}, SIZE)
    await using scene = big.scene
    const path = `/v2/prod/big/manifests/${big.big.digest}`
    const held = holdBack(
      scene.target,
      (request) =>
        READS.includes(request.method) &&
        request.path === path &&
        scene.target.requests.some((before) => before.method === 'PUT' && before.path === path),
    )
    const slow = product.start(scene.folder, big.inputs)
    await Promise.race([held.arrived, failWhenOver(slow.ended)])
    const quick = await product.run(scene.folder, big.inputs)
    assert.equal(quick.exitCode, 0, quick.output)
    held.release()
    const { exitCode, output } = await slow.ended
    assert.equal(exitCode, 0, output)
    assert.deepEqual(movedTags(scene), wantedTags(big))
  })
})

test(`${WRITERS} runs that sign one image on a registry without the referrers API lose nothing, ${REPEATS} times`, async (context) => {
  const keys = Array.from({ length: WRITERS }, () => buildKeys().privatePem)
  const found = await pMap(
    Array.from({ length: REPEATS }),
    // Every second registry is far away, so that the turns of the writers overlap in another way.
    (_, repeat) => signAtOnce(keys, repeat % 2 === 0 ? 25 : 0),
    { concurrency: 2 },
  )
  const bad = found.filter((state) => state !== `${WRITERS} listed, ${WRITERS} under .sig`)
  context.diagnostic(`${WRITERS} of ${WRITERS} in ${REPEATS - bad.length} of ${REPEATS}`)
  assert.deepEqual(bad, [])
})

/** Signs one image with every key at the same time, a process each, and says what the registry has of it then. */
async function signAtOnce(keys: readonly string[], latency: number): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'signers '))
  await using registry = await startRegistry({ referrersApi: false })
  if (latency > 0) delayAnswers(registry, latency)
  const image = buildImage({ seed: 'signed by many' })
  image.putInto(registry.store, PATH, 'v1')
  const reference = `${registry.host}/${PATH}@${image.digest}`
  const runs = await Promise.all(
    keys.map(async (key, number) => {
      await writeFile(join(folder, `${number}.key`), key)
      return product.run(folder, ['sign', '--images', reference, '--key', `${number}.key`])
    }),
  )
  await rm(folder, { recursive: true })
  const failed = runs.filter(({ exitCode }) => exitCode !== 0).map(({ output }) => output)
  return [`${listed(registry, image)} listed`, `${signatures(registry, image)} under .sig`, ...failed].join(
    ', ',
  )
}

/** Milliseconds, half before the registry takes a request and half before its answer. */
function delayAnswers(registry: RegistryServer, latency: number): void {
  const half = () => new Promise((resolve) => setTimeout(resolve, latency / 2))
  registry.fault(
    () => true,
    Number.POSITIVE_INFINITY,
    async (_, proceed) => {
      await half()
      const answer = proceed()
      await half()
      return answer
    },
  )
}

/** Bundles in the fallback index of which the registry has the manifest. */
function listed(registry: RegistryServer, image: BuiltArtifact): number {
  const stored = registry.store.repository(PATH)
  const index = stored.findManifest(fallbackTag(image.digest))
  const entries: readonly { readonly digest: string }[] = index
    ? JSON.parse(String(index.bytes)).manifests
    : []
  return new Set(entries.map(({ digest }) => digest).filter((digest) => stored.manifests.has(digest))).size
}

/** Different layers under the `.sig` tag of which the registry has the blob. */
function signatures(registry: RegistryServer, image: BuiltArtifact): number {
  const stored = registry.store.repository(PATH)
  const manifest = stored.findManifest(attachedTag(image.digest, 'sig'))
  const layers: readonly { readonly digest: string; readonly annotations: object }[] = manifest
    ? JSON.parse(String(manifest.bytes)).layers
    : []
  const whole = layers.filter(({ digest }) => stored.blobs.has(digest))
  return new Set(whole.map(({ annotations }) => JSON.stringify(annotations))).size
}

async function failWhenOver(ended: Promise<Ended>): Promise<never> {
  const { exitCode, output } = await ended
  throw new Error(`the run was over with ${exitCode} before it was held: ${output}`)
}
