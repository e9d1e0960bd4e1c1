import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { fallbackTag } from '../../src/oci/attached-tag.ts'
import { digestOf } from '../../src/oci/digest.ts'
import { buildReferrer } from '../builders/build-attached.ts'
import { buildImage } from '../builders/build-image.ts'
import { type RegistryServer, startRegistry } from '../fakes/registry-server.ts'
import { connect, on, PATH } from './connect.ts'

const IMAGE = buildImage({ seed: 'known' })
const TAG = fallbackTag(IMAGE.digest)
const SCAN = buildReferrer(IMAGE.descriptor, 'application/vnd.example.scan', 'scan')
const SUBJECTS = Array.from({ length: 10 }, (_, number) => digestOf(`subject ${number}`))
const REFERRERS = on('GET', '/referrers/')

/** A registry that lists one referrer by its fallback tag alone. */
async function fallbackRegistry(): Promise<RegistryServer> {
  const registry = await startRegistry({ referrersApi: false })
  for (const artifact of [IMAGE, SCAN]) artifact.putInto(registry.store, PATH)
  return registry
}

describe('whoever knows all tags', () => {
  test('spares the question for a fallback tag that is not among them', async (context) => {
    await using registry = await fallbackRegistry()
    assert.deepEqual(await connect(context, registry).listReferrers(IMAGE.digest, new Set(['v1'])), [])
    assert.deepEqual(registry.requests.filter(on('GET', '/manifests/')), [])
    assert.equal(registry.requests.filter(REFERRERS).length, 1)
  })

  test('finds what one that is among them lists', async (context) => {
    await using registry = await fallbackRegistry()
    const listed = await connect(context, registry).listReferrers(IMAGE.digest, new Set([TAG]))
    assert.deepEqual(
      listed.map(({ digest }) => digest),
      [SCAN.digest],
    )
  })

  test('asks the referrers API all the same', async (context) => {
    await using registry = await startRegistry()
    for (const artifact of [IMAGE, SCAN]) artifact.putInto(registry.store, PATH)
    const listed = await connect(context, registry).listReferrers(IMAGE.digest, new Set())
    assert.equal(listed.length, 1)
  })
})

describe('whether there is a referrers API', () => {
  test('is asked once where there is none, though many ask at once', async (context) => {
    await using registry = await fallbackRegistry()
    const repository = connect(context, registry)
    const tags = new Set<string>()
    await Promise.all(SUBJECTS.map((subject) => repository.listReferrers(subject, tags)))
    assert.equal(registry.requests.filter(REFERRERS).length, 1)
  })

  test('is told by the first answer, and then all ask at once', async (context) => {
    await using registry = await startRegistry()
    const repository = connect(context, registry)
    await Promise.all(SUBJECTS.map((subject) => repository.listReferrers(subject, new Set())))
    assert.equal(registry.requests.filter(REFERRERS).length, SUBJECTS.length)
  })

  test('is left open by a failure, and the next one asks again', async (context) => {
    await using registry = await startRegistry()
    for (const artifact of [IMAGE, SCAN]) artifact.putInto(registry.store, PATH)
    registry.fault(REFERRERS, 1, { status: 403 })
    const repository = connect(context, registry)
    const [first, second] = await Promise.allSettled([
      repository.listReferrers(SUBJECTS[0] ?? IMAGE.digest),
      repository.listReferrers(IMAGE.digest),
    ])
    assert.equal(first.status, 'rejected')
    assert.ok(second.status === 'fulfilled' && second.value.length === 1)
  })
})
