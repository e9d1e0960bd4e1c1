import assert from 'node:assert/strict'
import { test } from 'node:test'
import { probeRepository } from '../../src/preflight/probe-repository.ts'
import type { WrittenTarget } from '../../src/preflight/written-targets.ts'
import { buildReferrer } from '../builders/build-attached.ts'
import { buildImage } from '../builders/build-image.ts'
import { startRegistry } from '../fakes/registry-server.ts'
import { connect, PATH } from '../registry/connect.ts'

const IMAGE = buildImage({ seed: 'probed' })
const REFERRER = buildReferrer(IMAGE.descriptor, 'application/vnd.example.scan', 'scan').manifest

function target(host: string, change: Partial<WrittenTarget>): WrittenTarget {
  const repository = { registry: host, path: PATH }
  return { repository, location: undefined, manifests: [], referrers: [], tags: [], ...change }
}

test('a referrer that is taken and not listed is a problem', async (context) => {
  await using registry = await startRegistry({ referrersAnswer: 'empty' })
  const repository = connect(context, registry)
  const wanted = target(registry.host, { manifests: [REFERRER], referrers: [REFERRER] })
  const { probe, errors } = await probeRepository(wanted, repository, repository, 1)
  assert.deepEqual([probe.lists, probe.left], ['no', []])
  assert.match(errors.map(({ message }) => message).join(), /team\/app took a referrer and does not list it$/)
  assert.equal(registry.store.repository(PATH).manifests.size, 0)
})

test('a stated number of kinds is tried, and of the others it is said that they were not', async (context) => {
  await using registry = await startRegistry()
  const repository = connect(context, registry)
  const manifests = Array.from({ length: 18 }, (_, at) => {
    const type = `application/vnd.example.kind-${at}`
    return buildReferrer(IMAGE.descriptor, type, 'text').manifest
  })
  const { probe, errors } = await probeRepository(
    target(registry.host, { manifests }),
    repository,
    repository,
  )
  assert.deepEqual(errors, [])
  assert.deepEqual(
    ['yes', 'not tried'].map((answer) => probe.mediaTypes.filter(({ taken }) => taken === answer).length),
    [16, 2],
  )
  assert.deepEqual([probe.lists, probe.tags.move], ['not tried', 'not tried'])
})

test('a tag is tried with what the plan would tag, where nothing else is to be pushed', async (context) => {
  await using registry = await startRegistry()
  const repository = connect(context, registry)
  const tags = [{ tag: 'v1', action: 'create' }] as const
  const wanted = target(registry.host, { manifests: [IMAGE.manifest], tags })
  const { probe } = await probeRepository(wanted, repository, repository)
  assert.deepEqual(probe.tags, { move: 'yes', remove: 'yes' })
  const { tags: left, manifests } = registry.store.repository(PATH)
  assert.deepEqual([left.size, manifests.size], [0, 0])
})

for (const action of ['create', 'move'] as const) {
  test(`a tag that cannot be deleted is ${action === 'create' ? 'worth a warning where one is made' : 'no matter where one is moved'}`, async (context) => {
    await using registry = await startRegistry({ tagDeletion: false })
    const repository = connect(context, registry)
    const change = action === 'create' ? { action } : { action, previous: IMAGE.digest }
    const wanted = target(registry.host, { manifests: [IMAGE.manifest], tags: [{ tag: 'v1', ...change }] })
    const { probe, warnings } = await probeRepository(wanted, repository, repository)
    assert.deepEqual(probe.tags, { move: 'yes', remove: 'no' })
    assert.equal(warnings.length, action === 'create' ? 1 : 0)
  })
}
