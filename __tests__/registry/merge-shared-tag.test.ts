import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { fallbackTag } from '../../src/oci/attached-tag.ts'
import type { Manifest } from '../../src/oci/manifest.ts'
import { makeIndexManifest } from '../../src/oci/manifest.ts'
import type { Merge } from '../../src/registry/repository.ts'
import { buildReferrer } from '../builders/build-attached.ts'
import { buildImage } from '../builders/build-image.ts'
import type { BuiltArtifact } from '../builders/built-artifact.ts'
import { answer } from '../fakes/registry-exchange.ts'
import { type RegistryServer, startRegistry } from '../fakes/registry-server.ts'
import { connect, on, PATH } from './connect.ts'

const IMAGE = buildImage({ seed: 'shared' })
const TAG = fallbackTag(IMAGE.digest)
const [MINE, THEIRS] = ['mine', 'theirs'].map((text) =>
  buildReferrer(IMAGE.descriptor, 'application/vnd.example.scan', text),
) as [BuiltArtifact, BuiltArtifact]
const ALWAYS = Number.POSITIVE_INFINITY

async function registryWithout(): Promise<RegistryServer> {
  const registry = await startRegistry({ referrersApi: false })
  for (const referrer of [MINE, THEIRS]) referrer.putInto(registry.store, PATH)
  registry.store.repository(PATH).tags.clear()
  return registry
}

/** Writes the list under the tag as somebody else does. */
function list(registry: RegistryServer, ...entries: readonly BuiltArtifact[]): void {
  const stored = registry.store.repository(PATH)
  const { bytes, descriptor } = makeIndexManifest(entries.map((entry) => entry.descriptor))
  stored.tags.set(TAG, stored.putManifest(bytes, descriptor.mediaType))
}

function listed(registry: RegistryServer): readonly string[] {
  const index = registry.store.repository(PATH).findManifest(TAG)
  const entries: readonly { readonly digest: string }[] = JSON.parse(index?.bytes.toString() ?? '').manifests
  return entries.map(({ digest }) => digest).toSorted()
}

const BOTH = [MINE.digest, THEIRS.digest].toSorted()

/** Adds my entry to whatever is listed. */
const addMine: Merge = async (current) => {
  const children = current?.kind === 'index' ? current.children : []
  if (children.some(({ digest }) => digest === MINE.digest)) return undefined
  return makeIndexManifest([...children, MINE.descriptor])
}

test('what others wrote while the merge was made is merged before anything is written', async (context) => {
  await using registry = await registryWithout()
  const repository = connect(context, registry, { mergePause: 3 })
  let first = true
  await repository.mergeTag(TAG, async (current) => {
    if (first) {
      first = false
      await delay(10)
      list(registry, THEIRS)
    }
    return addMine(current)
  })
  assert.deepEqual(listed(registry), BOTH)
  assert.equal(registry.requests.filter(on('PUT', TAG)).length, 1)
})

test('a write that failed for a passing reason is not sent again as it was', async (context) => {
  await using registry = await registryWithout()
  registry.fault(on('PUT', TAG), 1, () => {
    list(registry, THEIRS)
    return answer(503)
  })
  await connect(context, registry, { mergePause: 1 }).mergeTag(TAG, addMine)
  assert.deepEqual(listed(registry), BOTH)
  assert.equal(registry.requests.filter(on('PUT', TAG)).length, 2)
})

test('goes on looking as long as others write', async (context) => {
  await using registry = await registryWithout()
  const writes = [() => list(registry, MINE, THEIRS), () => list(registry, THEIRS)]
  registry.fault(
    ({ method, path }) => method === 'GET' && path.endsWith(TAG) && registry.requestsBy('PUT').length > 0,
    2,
    (_, proceed) => {
      writes.shift()?.()
      return proceed()
    },
  )
  await connect(context, registry, { mergePause: 1 }).mergeTag(TAG, addMine)
  assert.equal(writes.length, 0, 'it left after the first of their writes')
  assert.deepEqual(listed(registry), BOTH)
})

test('ends where others never stop writing, once the own entry stands', async (context) => {
  await using registry = await registryWithout()
  const other = (number: number) => buildReferrer(IMAGE.descriptor, 'text/plain', String(number))
  let number = 0
  registry.fault(on('GET', TAG), ALWAYS, (_, proceed) => {
    if (number > 0) list(registry, MINE, other(number))
    number += 1
    return proceed()
  })
  await connect(context, registry, { mergePause: 0.1 }).mergeTag(TAG, addMine)
  assert.ok(number > 10, `left after ${number} looks`)
})

test('ends where a registry answers HEAD and GET of one tag differently', async (context) => {
  await using registry = await registryWithout()
  list(registry, THEIRS)
  const headers = {
    'content-type': IMAGE.descriptor.mediaType,
    'docker-content-digest': IMAGE.digest,
    'content-length': '100',
  }
  registry.fault(on('HEAD', TAG), ALWAYS, { status: 200, headers })
  const slowly: Merge = async (current) => {
    await delay(2)
    return addMine(current)
  }
  await connect(context, registry, { mergePause: 1 }).mergeTag(TAG, slowly)
  assert.deepEqual(listed(registry), BOTH)
})

test('returns what stands there in the end', async (context) => {
  await using registry = await registryWithout()
  list(registry, THEIRS)
  const stands: Manifest | undefined = await connect(context, registry, { mergePause: 1 }).mergeTag(
    TAG,
    addMine,
  )
  assert.equal(stands?.descriptor.digest, registry.store.repository(PATH).tags.get(TAG))
})
