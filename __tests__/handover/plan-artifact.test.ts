import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LARGEST_TEXT } from '../../src/files/largest-text.ts'
import { makeArtifact } from '../../src/oci/artifact.ts'
import { digestOf } from '../../src/oci/digest.ts'
import { makeImageManifest, makeIndexManifest } from '../../src/oci/manifest.ts'
import { MEDIA_TYPES } from '../../src/oci/media-types.ts'
import { problemsOf } from '../builders/problems-of.ts'
import { writesTo } from '../builders/promotion-scene.ts'
import { startRegistry } from '../fakes/registry-server.ts'
import { on } from '../registry/connect.ts'
import { digestIn, openDesk, placeAt, savePlan } from './desk.ts'

const TYPE = MEDIA_TYPES.savedPlan

test('a plan in a repository is read by its digest, in another job', async (context) => {
  const { registry, plan } = await savePlan(context, { text: '{"größe":1}' })
  assert.match(plan, new RegExp(`^${placeAt(registry)}@sha256:[0-9a-f]{64}$`))
  const other = await openDesk(context)
  assert.equal(await other.handover.readPlan(plan), '{"größe":1}')
})

test('the plan is one layer without a config, of a type of its own', async (context) => {
  const { store, plan } = await savePlan(context, { text: '{}{}' })
  const manifest = JSON.parse(store.findManifest(digestIn(plan))?.bytes.toString() ?? '')
  assert.deepEqual(manifest, {
    schemaVersion: 2,
    mediaType: MEDIA_TYPES.ociManifest,
    artifactType: 'application/vnd.signed-promote.plan.v1+json',
    config: { mediaType: MEDIA_TYPES.ociEmpty, digest: digestOf('{}'), size: 2 },
    layers: [
      {
        mediaType: 'application/vnd.signed-promote.plan.v1+json',
        digest: digestOf('{}{}'),
        size: 4,
        annotations: { 'org.opencontainers.image.title': 'plan.json' },
      },
    ],
  })
})

test('a tag keeps the plan from being collected', async (context) => {
  const { store, plan } = await savePlan(context)
  const digest = digestIn(plan)
  assert.deepEqual([...store.tags], [[`signed-promote-plan-${digest.slice(7, 23)}`, digest]])
})

test('the same plan saved again is the same place, and nothing is written', async (context) => {
  const { registry, plan } = await savePlan(context, { immutableTags: true })
  const { length } = writesTo(registry)
  const { handover } = await openDesk(context)
  assert.equal(await handover.savePlan(placeAt(registry), '{"plan":1}'), plan)
  assert.equal(writesTo(registry).length, length)
  assert.notEqual(await handover.savePlan(placeAt(registry), '{"plan":2}'), plan)
})

test('a plan that the registry lost is no saved plan', async (context) => {
  await using registry = await startRegistry()
  registry.fault(on('PUT', '/manifests/'), 1, { status: 201 })
  const { handover } = await openDesk(context)
  const [error] = await problemsOf(() => handover.savePlan(placeAt(registry), '{}'))
  assert.equal(error?.kind, 'input')
  assert.match(error.message, /@sha256:[0-9a-f]{64} does not exist \(404\)$/)
})

test('a registry that does not take such artifacts is told in its own words, with another way', async (context) => {
  const refusedManifests = {
    status: 415,
    code: 'UNSUPPORTED',
    message: 'only images here',
    matching: /signed-promote/,
  }
  await using registry = await startRegistry({ refusedManifests })
  const { handover } = await openDesk(context)
  const [error] = await problemsOf(() => handover.savePlan(placeAt(registry), '{}'))
  assert.equal(error?.kind, 'registry')
  assert.match(error.message, /answered 415.*only images here/)
  assert.match(error.hint ?? '', /save the plan in a file/)
})

test('a registry that wants a login is not blamed for the kind of content', async (context) => {
  await using registry = await startRegistry()
  registry.fault(on('POST'), 1, { status: 403 })
  const { handover } = await openDesk(context)
  const [error] = await problemsOf(() => handover.savePlan(placeAt(registry), '{}'))
  assert.match(error?.hint ?? '', /^Log in to /)
})

test('a plan that does not exist is an error that names the place', async (context) => {
  const { registry, handover } = await savePlan(context)
  const place = `${placeAt(registry)}@${digestOf('absent')}`
  const [error] = await problemsOf(() => handover.readPlan(place))
  assert.deepEqual([error?.kind, error?.message], ['input', `The plan ${place} does not exist (404)`])
  const [other] = await problemsOf(() => handover.saveReport(place, '1/1', '{}'))
  assert.equal(other?.message, error?.message)
})

test('a place without a digest is no plan to read, and one with a tag none to save', async (context) => {
  const { registry, handover } = await savePlan(context)
  const [read] = await problemsOf(() => handover.readPlan(placeAt(registry)))
  assert.match(read?.message ?? '', /has no digest$/)
  const [saved] = await problemsOf(() => handover.savePlan(`${placeAt(registry)}:v1`, '{}'))
  assert.match(saved?.message ?? '', /is not a repository path$/)
})

test('bytes that are not those of the digest are refused, in the manifest and in the plan', async (context) => {
  const { plan, store } = await savePlan(context)
  const { handover } = await openDesk(context)
  store.putBlob(Buffer.from('{"plan":2}'), digestOf('{"plan":1}'))
  await assert.rejects(handover.readPlan(plan), { kind: 'registry', message: /bytes of the digest/ })
  const digest = digestOf(store.findManifest(digestIn(plan))?.bytes ?? '')
  store.putManifest(
    makeArtifact({ type: TYPE, content: Buffer.from('{}') }).manifest.bytes,
    MEDIA_TYPES.ociManifest,
    digest,
  )
  await assert.rejects(handover.readPlan(plan), {
    kind: 'registry',
    message: /with the digest|has the digest/,
  })
})

const CONTENT = Buffer.from('{}')
const LAYER = { mediaType: TYPE, digest: digestOf(CONTENT), size: CONTENT.byteLength }
const CONFIG = { ...LAYER, mediaType: MEDIA_TYPES.ociEmpty }
const PARTS = { artifactType: TYPE, config: CONFIG, layers: [LAYER] }

const OTHERS = [
  {
    what: 'an image',
    manifest: makeImageManifest({ config: { ...CONFIG, mediaType: MEDIA_TYPES.ociConfig }, layers: [] }),
    why: `has the artifactType "${MEDIA_TYPES.ociConfig}" instead of "${TYPE}"`,
  },
  {
    what: 'an index',
    manifest: makeIndexManifest([]),
    why: `has the artifactType "${MEDIA_TYPES.ociIndex}" instead of "${TYPE}"`,
  },
  {
    what: 'an artifact without a layer',
    manifest: makeImageManifest({ ...PARTS, layers: [] }),
    why: 'does not have exactly one layer',
  },
  {
    what: 'an artifact of two layers',
    manifest: makeImageManifest({ ...PARTS, layers: [LAYER, LAYER] }),
    why: 'does not have exactly one layer',
  },
  {
    what: 'a plan that is too large',
    manifest: makeImageManifest({ ...PARTS, layers: [{ ...LAYER, size: LARGEST_TEXT + 1 }] }),
    why: 'has a layer of 134217729 bytes, more than the 134217728 that are read',
  },
] as const

for (const { what, manifest, why } of OTHERS) {
  test(`refuses ${what} before anything of it is read`, async (context) => {
    const { registry, handover, store } = await savePlan(context)
    const { bytes, descriptor } = manifest
    const place = `${placeAt(registry)}@${store.putManifest(bytes, descriptor.mediaType)}`
    const { length } = registry.requests
    const [error] = await problemsOf(() => handover.readPlan(place))
    assert.deepEqual([error?.kind, error?.message], ['input', `${place} ${why}`])
    assert.deepEqual(registry.requests.slice(length).filter(on('GET', '/blobs/')), [])
  })
}

test('refuses a plan that is not text', async (context) => {
  const { registry, handover, store } = await savePlan(context)
  const { manifest } = makeArtifact({ type: TYPE, content: Buffer.from([0xff]) })
  store.putBlob(Buffer.from([0xff]))
  const place = `${placeAt(registry)}@${store.putManifest(manifest.bytes, MEDIA_TYPES.ociManifest)}`
  const [error] = await problemsOf(() => handover.readPlan(place))
  assert.deepEqual([error?.kind, error?.message], ['input', `${place} is not UTF-8 text`])
})
