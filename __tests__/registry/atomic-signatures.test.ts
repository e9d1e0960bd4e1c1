import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { RegistryError } from '../../src/registry/registry-error.ts'
import type { AtomicSignatures } from '../../src/registry/repository.ts'
import { atomicSignatureJson, buildAtomicSignature } from '../builders/build-atomic-signature.ts'
import { buildImage } from '../builders/build-image.ts'
import { type RegistryServer, startRegistry } from '../fakes/registry-server.ts'
import type { RegistrySwitches } from '../fakes/registry-switches.ts'
import { connect, PATH } from './connect.ts'

const IMAGE = buildImage({ seed: 'signed with GPG' })
const SIGNATURE = buildAtomicSignature(IMAGE.digest)

interface Scene {
  readonly registry: RegistryServer
  readonly store: AtomicSignatures | undefined
}

/** A registry with the image, asked for it once, and its place for signatures as known by then. */
async function start(context: TestContext, switches: Partial<RegistrySwitches> = {}): Promise<Scene> {
  const registry = await startRegistry({ atomicSignatures: 'any', ...switches })
  context.after(() => registry.stop())
  IMAGE.putInto(registry.store, PATH, 'v1')
  const repository = connect(context, registry)
  await repository.fetchManifest('v1')
  return { registry, store: repository.atomicSignatures() }
}

function required({ store }: Scene): AtomicSignatures {
  if (store === undefined) throw new Error('the registry announced nothing')
  return store
}

test('is not there, and not asked for, where the registry announces no such extension', async (context) => {
  const { registry, store } = await start(context, { atomicSignatures: 'none' })
  assert.equal(store, undefined)
  assert.deepEqual(
    registry.requests.filter(({ path }) => path.startsWith('/extensions/')),
    [],
  )
})

test('is known from a refusal as well', async (context) => {
  const { registry } = await start(context)
  const repository = connect(context, registry, { path: 'team/other' })
  assert.equal(repository.atomicSignatures(), undefined)
  assert.equal(await repository.fetchManifest('v1'), undefined)
  assert.notEqual(repository.atomicSignatures(), undefined)
})

test('gives back what was put, with its name and type', async (context) => {
  const scene = await start(context)
  const store = required(scene)
  assert.deepEqual(await store.list(IMAGE.digest), [])
  assert.equal(await store.put(SIGNATURE), true)
  assert.deepEqual(await store.list(IMAGE.digest), [SIGNATURE])
  assert.deepEqual(scene.registry.store.repository(PATH).atomic.get(IMAGE.digest), [
    atomicSignatureJson(SIGNATURE),
  ])
})

test('a manifest that the registry does not know has none, and takes none', async (context) => {
  const store = required(await start(context, { atomicSignatures: 'tagged' }))
  const unknown = buildAtomicSignature(buildImage({ seed: 'elsewhere' }).digest)
  assert.deepEqual(await store.list(unknown.subject), [])
  assert.equal(await store.put(unknown), false)
})

test('a 404 that is not in the words of a registry is an error', async (context) => {
  const scene = await start(context)
  scene.registry.switches.atomicSignatures = 'none'
  await assert.rejects(
    required(scene).list(IMAGE.digest),
    (error) => error instanceof RegistryError && /404, although .* supports signatures/.test(error.message),
  )
})

for (const list of [[{ schemaVersion: 2, type: 'atomic', name: 'x' }], ['text']]) {
  test(`refuses the list ${JSON.stringify(list)}`, async (context) => {
    const scene = await start(context)
    scene.registry.store.repository(PATH).atomic.set(IMAGE.digest, list)
    await assert.rejects(required(scene).list(IMAGE.digest), /something else where a list of signatures/)
  })
}
