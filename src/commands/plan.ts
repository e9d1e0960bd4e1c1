import { runAll } from '../concurrency.ts'
import { costsOf } from '../plan/plan-costs.ts'
import { isEmpty } from '../plan/plan-totals.ts'
import { count } from '../report/safe-text.ts'
import { findMissingForms } from '../sign/sign-images.ts'
import { countUnattested } from './attest.ts'
import { isOwnProof } from './is-own-proof.ts'
import { prepareList } from './prepare-list.ts'
import type { Prepared } from './prepared.ts'
import { recordRules } from './record-rules.ts'
import type { Run } from './run.ts'
import { runPreflight } from './run-preflight.ts'
import { savePlan } from './save-plan.ts'
import { verifySources } from './verify-sources.ts'

/**
 * What promote does, cut before anything is written, and saved if asked. A policy that a signature yet to be made would satisfy is not asked.
 */
export async function plan(run: Run): Promise<void> {
  const { services, record } = run
  const { registries, signerOf } = services
  const prepared = await prepareList(run).catch((error: unknown) => {
    // Of a plan that must not be applied as well.
    if (record.plan !== undefined) record.costs = costsOf(record.plan)
    throw error
  })
  const costs = costsOf(prepared.plan)
  record.costs = costs
  const { images } = prepared.plan
  const missing = await findMissingForms(images, signerOf, registries)
  const unsigned = missing.filter((forms) => forms.length > 0).length
  record.changes = !isEmpty(prepared.plan) || unsigned > 0 || prepared.locations.length > 0
  record.toSign = missing
  recordRules(record, await services.policy(), images)
  tellBefore(prepared, unsigned)
  const isYetToBeProven = await runAll(
    images,
    async ({ image }, index) => missing[index]?.length !== 0 && (await isOwnProof(image, services)),
  )
  const judged = images.filter((_, index) => !isYetToBeProven[index])
  if (judged.length > 0) {
    await services.reporter.step('Verify at the source', () => verifySources(run, images, judged))
    if (judged.length === images.length) await tellUnattested(prepared)
  }
  await runPreflight(run, prepared.plan, 'look')
  await savePlan(prepared, missing, costs)
}

function tellBefore({ run, plan: { images }, locations }: Prepared, unsigned: number): void {
  const { reporter } = run.services
  if (unsigned > 0) {
    const number = `${unsigned} of ${images.length}`
    reporter.info(`${number} images would be signed first; the plan does not count these signatures.`)
  }
  if (locations.length > 0) {
    reporter.info(`imgpkg would be told where the images of ${count(locations.length, 'bundle')} are.`)
  }
}

async function tellUnattested({ run, plan: planned, digest }: Prepared): Promise<void> {
  const unattested = await countUnattested(run, planned, digest)
  if (unattested === 0) return
  run.record.changes = true
  run.services.reporter.info(`${count(unattested, 'statement')} about the promotion would be made.`)
}
