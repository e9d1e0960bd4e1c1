import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type { AttachedReport } from '../../src/handover/handover.ts'
import { fallbackTag } from '../../src/oci/attached-tag.ts'
import type { Descriptor } from '../../src/oci/descriptor.ts'
import { type Digest, parseDigest } from '../../src/oci/digest.ts'
import { makeImageManifest, makeIndexManifest } from '../../src/oci/manifest.ts'
import { MEDIA_TYPES } from '../../src/oci/media-types.ts'
import { buildReferrer } from '../builders/build-attached.ts'
import { buildImage } from '../builders/build-image.ts'
import { BuiltArtifact, buildBlob } from '../builders/built-artifact.ts'
import { problemsOf } from '../builders/problems-of.ts'
import { on } from '../registry/connect.ts'
import { digestIn, openDesk, PLANS, placeAt, savePlan } from './desk.ts'

const WAYS = [
  { how: 'by the referrers API', switches: {} },
  { how: 'by a fallback tag', switches: { referrersApi: false } },
] as const
const PART = { 'vnd.signed-promote.part': '1/2' }

/** What reports say of themselves, and what they are, in an order of their own. */
async function contentsOf(reports: readonly AttachedReport[]): Promise<readonly string[]> {
  const contents = await Promise.all(reports.map(async ({ part, read }) => `${part}: ${await read()}`))
  return contents.toSorted()
}

for (const { how, switches } of WAYS) {
  test(`finds the reports of a plan ${how}, in another job`, async (context) => {
    const { registry, plan } = await savePlan(context, switches)
    // Jobs of their own, at the same time.
    await Promise.all(
      Array.from({ length: 6 }, async (_, index) => {
        const { handover } = await openDesk(context)
        await handover.saveReport(plan, `${index + 1}/6`, `text ${index + 1}`)
      }),
    )
    const { handover, warnings } = await openDesk(context)
    const reports = await handover.listReports(plan)
    assert.deepEqual(
      await contentsOf(reports),
      Array.from({ length: 6 }, (_, index) => `${index + 1}/6: text ${index + 1}`),
    )
    for (const { name } of reports) assert.ok(name.startsWith(`${placeAt(registry)}@sha256:`))
    assert.deepEqual(warnings, [])
  })

  test(`a part that was run twice has two reports, found ${how}, which say when they were hung`, async (context) => {
    const { plan, handover } = await savePlan(context, switches)
    const before = Date.now()
    for (const text of ['first', 'second']) await handover.saveReport(plan, '1/2', text)
    const { handover: other } = await openDesk(context)
    const reports = await other.listReports(plan)
    assert.deepEqual(await contentsOf(reports), ['1/2: first', '1/2: second'])
    for (const { savedAt, size } of reports)
      assert.ok(savedAt >= before && savedAt <= Date.now() && [5, 6].includes(size))
  })
}

/** A plan on which one thing hangs besides a report of its first part, and what is made of it. */
async function hangOn(context: TestContext, make: (plan: Descriptor) => BuiltArtifact) {
  const desk = await savePlan(context)
  const { plan, handover, registry, warnings } = desk
  const digest = parseDigest(digestIn(plan))
  await handover.saveReport(plan, '1/2', 'mine')
  const other = make({ mediaType: MEDIA_TYPES.ociManifest, digest, size: 1 })
  other.putInto(registry.store, PLANS)
  assert.equal(desk.store.referrersOf(digest).length, 2)
  const contents = (await contentsOf(await handover.listReports(plan))).filter(
    (text) => !text.endsWith('undefined'),
  )
  assert.deepEqual(contents, ['1/2: mine'])
  return { warnings, name: `${placeAt(registry)}@${other.digest}` }
}

test('what else hangs on a plan, such as its signature, is no report', async (context) => {
  const { warnings } = await hangOn(context, (plan) =>
    buildReferrer(plan, MEDIA_TYPES.sigstoreBundle, 'signed'),
  )
  assert.deepEqual(warnings, [])
})

/** A report of a part with a layer of which the registry has nothing. */
function withoutBlob(subject: Descriptor, size: number): BuiltArtifact {
  const config = buildBlob(MEDIA_TYPES.ociEmpty, '{}')
  const layer = { ...buildBlob(MEDIA_TYPES.savedReport, 'absent').descriptor, size }
  const manifest = makeImageManifest({
    artifactType: MEDIA_TYPES.savedReport,
    config: config.descriptor,
    layers: [layer],
    subject,
    annotations: PART,
  })
  return new BuiltArtifact(manifest, { blobs: [config] })
}

const LARGE = { ...PART, padding: 'x'.repeat(16 * 1024) }
const LEGACY = 'application/vnd.oci.artifact.manifest.v1+json'

for (const [what, why, make] of [
  [
    'no text',
    /is not UTF-8 text$/,
    (plan) => buildReferrer(plan, MEDIA_TYPES.savedReport, Buffer.from([0xff]), PART),
  ],
  [
    'of no part',
    /does not say of which part it is$/,
    (plan) => buildReferrer(plan, MEDIA_TYPES.savedReport, '{}'),
  ],
  [
    'too large',
    /has 67108865 bytes, more than the 67108864 that are read$/,
    (plan) => withoutBlob(plan, 64 * 1024 * 1024 + 1),
  ],
  ['not whole', /answered 404/, (plan) => withoutBlob(plan, 6)],
  [
    'all manifest',
    /its manifest has \d+ bytes$/,
    (plan) => buildReferrer(plan, MEDIA_TYPES.savedReport, '{}', LARGE),
  ],
] as const satisfies readonly (readonly [string, RegExp, (plan: Descriptor) => BuiltArtifact])[]) {
  test(`a report that is ${what} is left out with a warning that names it`, async (context) => {
    const { warnings, name } = await hangOn(context, make)
    const [warning = '', ...others] = warnings
    assert.deepEqual(others, [])
    assert.ok(warning.startsWith(`${name} is listed as hanging on the plan, and is left out: `))
    assert.match(warning, why)
  })
}

/** A list that also names these things for the plan. */
async function listedFor(context: TestContext, entriesFor: (plan: Digest) => readonly Descriptor[]) {
  const desk = await savePlan(context, { referrersApi: false })
  const digest = parseDigest(digestIn(desk.plan))
  const list = makeIndexManifest(entriesFor(digest))
  desk.store.tags.set(fallbackTag(digest), desk.store.putManifest(list.bytes, MEDIA_TYPES.ociIndex))
  return desk
}

test('leaves out what is listed and gone, is about another plan, or cannot be read', async (context) => {
  const other = buildImage({ seed: 'another plan' })
  const report = buildReferrer(other.descriptor, MEDIA_TYPES.savedReport, '{}')
  const gone = buildReferrer(other.descriptor, MEDIA_TYPES.savedReport, 'gone')
  const legacy = buildBlob(
    LEGACY,
    JSON.stringify({ schemaVersion: 2, mediaType: LEGACY, artifactType: MEDIA_TYPES.savedReport }),
  )
  const entries = [report, gone, legacy].map(({ descriptor }) => descriptor)
  const { plan, handover, store, registry, warnings } = await listedFor(context, () => entries)
  report.putInto(registry.store, PLANS)
  store.putManifest(legacy.bytes, LEGACY)
  assert.deepEqual(await handover.listReports(plan), [])
  assert.equal(warnings.length, entries.length)
  for (const [{ digest }, why] of [
    [report.descriptor, `it is about ${other.digest}`],
    [gone.descriptor, 'it does not exist'],
    [legacy.descriptor, `has the media type "${LEGACY}", which is no image or index`],
  ] as const) {
    const named = warnings.find((warning) => warning.startsWith(`${placeAt(registry)}@${digest} is listed`))
    assert.ok(named?.endsWith(why), named)
  }
})

test('a list that is too long says how to do without', async (context) => {
  const entries = Array.from(
    { length: 1001 },
    (_, index) => buildBlob(MEDIA_TYPES.ociManifest, String(index)).descriptor,
  )
  const { plan, handover } = await listedFor(context, () => entries)
  const [error] = await problemsOf(() => handover.listReports(plan))
  assert.match(error?.message ?? '', /more than 1000 referrers of sha256:/)
  assert.match(error?.hint ?? '', /^Give the reports of all parts as files/)
})

for (const [what, path] of [
  ['list', '/referrers/'],
  ['report', '/manifests/sha256:'],
] as const) {
  test(`a registry that fails at a ${what} is no plan without reports`, async (context) => {
    const { plan, registry, handover: first } = await savePlan(context)
    await first.saveReport(plan, '1/1', '{}')
    registry.fault(on('GET', path), 100, { status: 503 })
    const { handover } = await openDesk(context)
    const [error] = await problemsOf(() => handover.listReports(plan))
    assert.equal(error?.kind, 'registry')
  })
}
