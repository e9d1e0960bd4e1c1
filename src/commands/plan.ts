import type { Settings } from '../inputs/settings.ts'
import { makePlan } from '../plan/make-plan.ts'
import type { RunRecord } from '../report/run-record.ts'
import type { Services } from '../services.ts'
import { satisfiesByItself } from '../sign/own-signature.ts'
import { readImages } from './read-images.ts'
import { verifySources } from './verify-sources.ts'

/** What promote does, cut before anything is written. A policy that the run's own signature would satisfy is not asked yet. */
export async function plan(settings: Settings, services: Services, record: RunRecord): Promise<void> {
  const { reporter, registries, signer, policy } = services
  const images = await readImages(settings, services)
  record.plan = await reporter.step('Plan', () => makePlan(images, settings, registries))
  record.found = record.plan.images
  if (signer !== undefined && satisfiesByItself(signer, policy)) {
    reporter.info('The images would be signed first; these signatures are not counted in the plan.')
    return
  }
  await reporter.step('Verify at the source', () => verifySources(record.found, settings, services, record))
}
