import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { openDesk } from '../__tests__/handover/desk.ts'
import { EVERY_KIND, startRealRegistry } from './real-registry.ts'
import { missingTools, runTool } from './tools.ts'

const PLAN = '{"größe":1}'
/** More than what is sent in one piece. */
const LARGE = JSON.stringify({ images: 'x'.repeat(5 * 1024 * 1024) })
const skip = missingTools('registry', 'docker-registry', 'referrers-registry', 'crane', 'oras')

for (const kind of EVERY_KIND) {
  test(`hands a plan and its reports on through ${kind}, and other tools read them there`, {
    skip,
  }, async (context) => {
    await using registry = await startRealRegistry(kind)
    const { handover, folder } = await openDesk(context)
    const plan = await handover.savePlan(`oci://${registry.host}/team/plans`, PLAN)
    const image = plan.replace('oci://', '')
    await attachAtOnce(context, plan, ['{"shard":1}', '{"shard":2}', LARGE])
    const next = await openDesk(context)
    assert.equal(await next.handover.readPlan(plan), PLAN)
    const reports = await next.handover.listReports(plan)
    const texts = await Promise.all(reports.map(async ({ part, read }) => `${part} ${await read()}`))
    assert.deepEqual(texts.sort(), ['1/3 {"shard":1}', '2/3 {"shard":2}', `3/3 ${LARGE}`])
    assert.deepEqual(next.warnings, [])

    const layer = JSON.parse(await runTool(folder, 'crane', 'manifest', image)).layers[0].digest
    assert.equal(await runTool(folder, 'crane', 'blob', `${image.split('@')[0]}@${layer}`), PLAN)
    await runTool(folder, 'oras', 'pull', '--plain-http', '--output', folder, image)
    assert.equal(await readFile(join(folder, 'plan.json'), 'utf8'), PLAN)
    const found = await runTool(folder, 'oras', 'discover', '--plain-http', '--format', 'json', image)
    for (const { name } of reports) assert.ok(found.includes(name.split('@')[1] ?? name), found)
  })
}

/** Each report by a job of its own, as a matrix does. */
async function attachAtOnce(context: TestContext, plan: string, texts: readonly string[]): Promise<void> {
  await Promise.all(
    texts.map(async (text, index) => {
      const { handover } = await openDesk(context)
      await handover.saveReport(plan, `${index + 1}/${texts.length}`, text)
    }),
  )
}
