import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fallbackTag } from '../../src/oci/attached-tag.ts'
import { parseDigest } from '../../src/oci/digest.ts'
import { problemsOf } from '../builders/problems-of.ts'
import { FAST, on } from '../registry/connect.ts'
import { digestIn, savePlan } from './desk.ts'

test('a report is an artifact with the plan for its subject', async (context) => {
  const { plan, handover, store } = await savePlan(context)
  await handover.saveReport(plan, '3/8', '{}')
  const [report] = store.referrersOf(digestIn(plan))
  assert.equal(report?.artifactType, 'application/vnd.signed-promote.report.v1+json')
  const manifest = JSON.parse(store.findManifest(report.digest)?.bytes.toString() ?? '')
  assert.equal(manifest.subject.size, store.findManifest(digestIn(plan))?.bytes.byteLength)
  assert.deepEqual(manifest.layers[0].annotations, { 'org.opencontainers.image.title': 'report-3-of-8.json' })
  const { 'vnd.signed-promote.part': part, 'org.opencontainers.image.created': savedAt } =
    manifest.annotations
  assert.deepEqual([part, savedAt], ['3/8', new Date(savedAt).toISOString()])
})

test('a registry that shows nowhere what refers to a plan is told, with another way', async (context) => {
  const { plan, handover } = await savePlan(context, { referrersApi: false, tagsAsDigests: true })
  const [error] = await problemsOf(() => handover.saveReport(plan, '1/1', '{}'))
  assert.match(error?.message ?? '', /where the list of its referrers belongs$/)
  assert.match(error?.hint ?? '', /hand on plan and reports as files/)
})

/** As often as a list may be lost to others before its writer gives its turn up. */
const ONE_TURN = 10

test('a report whose place in the list is lost to others comes back for another turn', async (context) => {
  const { plan, handover, registry } = await savePlan(context, { referrersApi: false })
  const tag = fallbackTag(parseDigest(digestIn(plan)))
  registry.fault(on('PUT', `/manifests/${tag}`), ONE_TURN, { status: 201 })
  await handover.saveReport(plan, '1/1', '{}')
  assert.equal((await handover.listReports(plan)).length, 1)
})

test('a registry that breaks the connection while the list is written is not waited for', async (context) => {
  const { plan, handover, registry } = await savePlan(context, { referrersApi: false })
  const isList = on('PUT', `/manifests/${fallbackTag(parseDigest(digestIn(plan)))}`)
  registry.fault(isList, 100, 'reset')
  const [error] = await problemsOf(() => handover.saveReport(plan, '1/1', '{}'))
  assert.equal(error?.kind, 'registry')
  assert.equal(registry.requests.filter(isList).length, 1 + FAST.retries)
})

test('a registry that drops the list each time is told', async (context) => {
  const { plan, handover, registry } = await savePlan(context, { referrersApi: false })
  const tag = fallbackTag(parseDigest(digestIn(plan)))
  registry.fault(on('PUT', `/manifests/${tag}`), 100, { status: 201 })
  const [error] = await problemsOf(() => handover.saveReport(plan, '1/1', '{}'))
  assert.match(error?.message ?? '', /what was written was gone again 10 times/)
})

test('a report that is too large to be read is not hung on a plan', async (context) => {
  const { plan, handover, store } = await savePlan(context)
  const [error] = await problemsOf(() => handover.saveReport(plan, '1/1', 'x'.repeat(64 * 1024 * 1024 + 1)))
  assert.equal(error?.kind, 'input')
  assert.match(error.hint ?? '', /^Cut the plan into more parts/)
  assert.deepEqual(store.referrersOf(digestIn(plan)), [])
})
