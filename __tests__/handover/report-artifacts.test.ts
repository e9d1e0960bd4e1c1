import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { fallbackTag } from '../../src/oci/attached-tag.ts'
import { parseDigest } from '../../src/oci/digest.ts'
import { makeIndexManifest } from '../../src/oci/manifest.ts'
import { MEDIA_TYPES } from '../../src/oci/media-types.ts'
import { buildReferrer } from '../builders/build-attached.ts'
import { buildImage } from '../builders/build-image.ts'
import { problemsOf } from '../builders/problems-of.ts'
import { FAST, on } from '../registry/connect.ts'
import { digestIn, openDesk, PLANS, placeAt, savePlan } from './desk.ts'

const WAYS = [
  { how: 'by the referrers API', switches: {} },
  { how: 'by a fallback tag', switches: { referrersApi: false } },
] as const

for (const { how, switches } of WAYS) {
  test(`finds the reports of a plan ${how}, in another job`, async (context) => {
    const { registry, plan } = await savePlan(context, switches)
    // Jobs of their own, at the same time.
    const texts = Array.from({ length: 6 }, (_, index) => `{"shard":${index}}`)
    await Promise.all(
      texts.map(async (text, index) => {
        const { handover } = await openDesk(context)
        await handover.saveReport(plan, `shard-${index}.json`, text)
      }),
    )
    const { handover, warnings } = await openDesk(context)
    const reports = await handover.readReports(plan, [])
    assert.deepEqual(reports.map(({ text }) => text).sort(), texts)
    for (const { name } of reports) assert.ok(name.startsWith(`${placeAt(registry)}@sha256:`))
    assert.deepEqual(warnings, [])
  })

  test(`a part that was run twice has two reports, found ${how}; the same one again is one`, async (context) => {
    const { plan, handover } = await savePlan(context, switches)
    for (const text of ['first', 'second', 'second']) await handover.saveReport(plan, 'shard-1.json', text)
    const { handover: other } = await openDesk(context)
    const reports = await other.readReports(plan, [])
    assert.deepEqual(reports.map(({ text }) => text).sort(), ['first', 'second'])
  })
}

test('a report is an artifact with the plan for its subject', async (context) => {
  const { plan, handover, store } = await savePlan(context)
  await handover.saveReport(plan, 'shard-3.json', '{}')
  const [report] = store.referrersOf(digestIn(plan))
  assert.equal(report?.artifactType, 'application/vnd.signed-promote.report.v1+json')
  const manifest = JSON.parse(store.findManifest(report.digest)?.bytes.toString() ?? '')
  assert.equal(manifest.subject.size, store.findManifest(digestIn(plan))?.bytes.byteLength)
  assert.deepEqual(manifest.layers[0].annotations, { 'org.opencontainers.image.title': 'shard-3.json' })
})

test('reports in files come behind those of the registry', async (context) => {
  const { plan, handover, folder } = await savePlan(context)
  await handover.saveReport(plan, 'shard-1.json', 'attached')
  await writeFile(join(folder, 'shard-2.json'), 'file')
  const reports = await handover.readReports(plan, ['shard-*.json'])
  assert.deepEqual(
    reports.map(({ text }) => text),
    ['attached', 'file'],
  )
})

test('what else hangs on a plan, such as its signature, is no report', async (context) => {
  const { plan, handover, store, registry, warnings } = await savePlan(context)
  const subject = { mediaType: MEDIA_TYPES.ociManifest, digest: parseDigest(digestIn(plan)), size: 1 }
  buildReferrer(subject, MEDIA_TYPES.sigstoreBundle, 'signed').putInto(registry.store, PLANS)
  assert.equal(store.referrersOf(subject.digest).length, 1)
  assert.deepEqual([await handover.readReports(plan, []), warnings], [[], []])
})

test('leaves out what is listed and gone, or is the report on another plan, with a warning', async (context) => {
  const { plan, handover, store, registry, warnings } = await savePlan(context, { referrersApi: false })
  const digest = parseDigest(digestIn(plan))
  const other = buildImage({ seed: 'another plan' })
  const report = buildReferrer(other.descriptor, MEDIA_TYPES.savedReport, '{}')
  report.putInto(registry.store, PLANS)
  const gone = buildReferrer(other.descriptor, MEDIA_TYPES.savedReport, 'gone')
  const list = makeIndexManifest([report.descriptor, gone.descriptor])
  store.tags.set(fallbackTag(digest), store.putManifest(list.bytes, MEDIA_TYPES.ociIndex))
  assert.deepEqual(await handover.readReports(plan, []), [])
  const where = `${registry.host}/${PLANS} lists`
  assert.deepEqual(
    [...warnings].sort(),
    [
      `${where} ${gone.digest} for the plan ${digest}, and it does not exist: left out`,
      `${where} ${report.digest} for the plan ${digest}, and it is about ${other.digest}: left out`,
    ].sort(),
  )
})

test('a report that is no text is an error that names it', async (context) => {
  const { plan, handover, store, registry } = await savePlan(context)
  const subject = { mediaType: MEDIA_TYPES.ociManifest, digest: parseDigest(digestIn(plan)), size: 1 }
  const junk = buildReferrer(subject, MEDIA_TYPES.savedReport, Buffer.from([0xff]))
  junk.putInto(registry.store, PLANS)
  const [error] = await problemsOf(() => handover.readReports(plan, []))
  assert.deepEqual(
    [error?.kind, error?.message],
    ['input', `${placeAt(registry)}@${junk.digest} is not UTF-8 text`],
  )
  assert.equal(store.referrersOf(subject.digest).length, 1)
})

test('a registry that fails is no plan without reports', async (context) => {
  const { plan, registry } = await savePlan(context)
  registry.fault(on('GET', '/referrers/'), 100, { status: 503 })
  const { handover } = await openDesk(context)
  const [error] = await problemsOf(() => handover.readReports(plan, []))
  assert.equal(error?.kind, 'registry')
})

test('a registry that shows nowhere what refers to a plan is told, with another way', async (context) => {
  const { plan, handover } = await savePlan(context, { referrersApi: false, tagsAsDigests: true })
  const [error] = await problemsOf(() => handover.saveReport(plan, 'shard-1.json', '{}'))
  assert.match(error?.message ?? '', /where the list of its referrers belongs$/)
  assert.match(error?.hint ?? '', /hand on plan and reports as files/)
})

/** As often as a list may be lost to others before its writer gives its turn up. */
const ONE_TURN = 10

test('a report whose place in the list is lost to others comes back for another turn', async (context) => {
  const { plan, handover, registry } = await savePlan(context, { referrersApi: false })
  const tag = fallbackTag(parseDigest(digestIn(plan)))
  registry.fault(on('PUT', `/manifests/${tag}`), ONE_TURN, { status: 201 })
  await handover.saveReport(plan, 'shard-1.json', '{}')
  assert.equal((await handover.readReports(plan, [])).length, 1)
})

test('a registry that breaks the connection while the list is written is not waited for', async (context) => {
  const { plan, handover, registry } = await savePlan(context, { referrersApi: false })
  const isList = on('PUT', `/manifests/${fallbackTag(parseDigest(digestIn(plan)))}`)
  registry.fault(isList, 100, 'reset')
  const [error] = await problemsOf(() => handover.saveReport(plan, 'shard-1.json', '{}'))
  assert.equal(error?.kind, 'registry')
  assert.equal(registry.requests.filter(isList).length, 1 + FAST.retries)
})

test('a registry that drops the list each time is told', async (context) => {
  const { plan, handover, registry } = await savePlan(context, { referrersApi: false })
  const tag = fallbackTag(parseDigest(digestIn(plan)))
  registry.fault(on('PUT', `/manifests/${tag}`), 100, { status: 201 })
  const [error] = await problemsOf(() => handover.saveReport(plan, 'shard-1.json', '{}'))
  assert.match(error?.message ?? '', /what was written was gone again 10 times/)
})
