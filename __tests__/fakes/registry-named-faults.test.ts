import assert from 'node:assert/strict'
import { test } from 'node:test'
import { digestOf } from '../../src/oci/digest.ts'
import { buildImage } from '../builders/build-image.ts'
import { ask } from './registry-client.ts'
import { playOn, spoil } from './registry-named-fault.ts'
import { FAULTS, faultNamed } from './registry-named-faults.ts'
import { startRegistry } from './registry-server.ts'

const IMAGE = buildImage({ seed: 'fake', layers: [Buffer.from('0123456789')] })
const LAYER = digestOf('0123456789')

test('every fault has a name of its own, twelve are marked as transient and eight as lies', () => {
  assert.equal(new Set(FAULTS.map(({ name }) => name)).size, FAULTS.length)
  assert.equal(FAULTS.filter(({ mark }) => mark === 'transient').length, 12)
  assert.equal(FAULTS.filter(({ mark }) => mark === 'lie').length, 8)
  assert.throws(() => faultNamed('no such fault'), /no fault is called "no such fault"/)
})

test('a registry plays a fault by its name, says how often, and spares what it is told to', async () => {
  await using registry = await startRegistry()
  IMAGE.putInto(registry.store, 'team/app', 'v1')
  const met = registry.play('altered manifest', new Set([IMAGE.digest]))
  assert.equal(met(), 0)
  const [altered, spared] = [
    (await ask(registry, 'GET', 'manifests/v1')).text,
    (await ask(registry, 'GET', `manifests/${IMAGE.digest}`)).text,
  ]
  assert.equal(JSON.parse(altered).annotations.altered, 'yes')
  assert.equal(spared, Buffer.from(IMAGE.manifest.bytes).toString())
  assert.equal(met(), 1)
})

test('a fault sets the switches that it needs', async () => {
  await using registry = await startRegistry()
  registry.play('immutable tag, 409')
  assert.equal(registry.switches.immutableTags, true)
})

test('a fault is played a number of times for each key, or for all together', async () => {
  await using registry = await startRegistry()
  const each = playOn(
    registry,
    ({ path }) => path.startsWith('/v2/a/'),
    { status: 503 },
    { times: 1, per: ({ path }) => path },
  )
  const all = playOn(registry, ({ path }) => path.startsWith('/v2/b/'), { status: 502 }, { times: 1 })
  const statuses = async (...paths: readonly string[]) => {
    const got: number[] = []
    for (const path of paths) got.push((await ask(registry, 'GET', path)).status)
    return got
  }
  assert.deepEqual(await statuses('/v2/a/tags/1', '/v2/a/tags/1', '/v2/a/tags/2'), [503, 404, 503])
  assert.deepEqual(await statuses('/v2/b/tags/1', '/v2/b/tags/2'), [502, 404])
  assert.deepEqual([each(), all()], [2, 1])
})

test('only good answers are spoiled, and only as many as asked', async () => {
  await using registry = await startRegistry()
  IMAGE.putInto(registry.store, 'team/app', 'v1')
  const met = spoil(
    registry,
    () => true,
    (answer) => ({ ...answer, body: Buffer.from('spoiled') }),
    1,
  )
  assert.equal((await ask(registry, 'GET', `blobs/${digestOf('none')}`)).status, 404)
  assert.equal((await ask(registry, 'GET', `blobs/${LAYER}`)).text, 'spoiled')
  assert.equal((await ask(registry, 'GET', `blobs/${LAYER}`)).text, '0123456789')
  assert.equal(met(), 1)
})
