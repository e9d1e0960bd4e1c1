import type { Settings } from '../inputs/settings.ts'
import { makePlan } from '../plan/make-plan.ts'
import { isEmpty } from '../plan/plan-totals.ts'
import type { RunRecord } from '../report/run-record.ts'
import type { Services } from '../services.ts'
import { satisfiesByItself } from '../sign/own-signature.ts'
import { findUnsigned } from '../sign/sign-images.ts'
import { readImages } from './read-images.ts'
import { verifySources } from './verify-sources.ts'

/** What promote does, cut before anything is written. A policy that a signature yet to be made would satisfy is not asked. */
export async function plan(settings: Settings, services: Services, record: RunRecord): Promise<void> {
  const { reporter, registries, signer, policy } = services
  const { concurrency } = settings
  const images = await readImages(settings, services)
  const planned = await reporter.step('Plan', () => makePlan(images, settings, registries))
  record.plan = planned
  record.found = planned.images

  const unsigned = signer ? await findUnsigned(planned.images, signer, registries, concurrency) : []
  record.changes = !isEmpty(planned) || unsigned.length > 0
  if (unsigned.length > 0) {
    reporter.info(
      `${unsigned.length} of ${planned.images.length} images would be signed first; the plan does not count these signatures.`,
    )
    if (signer && satisfiesByItself(signer, policy)) return
  }
  await reporter.step('Verify at the source', () => verifySources(planned.images, settings, services, record))
}
