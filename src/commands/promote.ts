import { copyImages } from '../copy/copy-images.ts'
import { moveTags } from '../copy/move-tags.ts'
import { requireCopied } from '../copy/outcome.ts'
import type { Settings } from '../inputs/settings.ts'
import { makePlan } from '../plan/make-plan.ts'
import { totalsOf } from '../plan/plan-totals.ts'
import type { RunRecord } from '../report/run-record.ts'
import type { Services } from '../services.ts'
import { satisfiesByItself } from '../sign/own-signature.ts'
import { signImages } from '../sign/sign-images.ts'
import { requireProven, verifyTargets } from '../verify/verify-targets.ts'
import { readImages } from './read-images.ts'
import { verifySources } from './verify-sources.ts'
import { writeLocks } from './write-locks.ts'

/** Plans, verifies, signs if asked, copies by digest, verifies at the targets, and moves the tags last. */
export async function promote(settings: Settings, services: Services, record: RunRecord): Promise<void> {
  const { reporter, registries, signer, policy } = services
  const { concurrency } = settings
  const images = await readImages(settings, services)
  let plan = await reporter.step('Plan', () => makePlan(images, settings, registries))
  record.plan = plan
  record.found = plan.images

  if (signer !== undefined) {
    // Nobody's signature is put on what others had to prove first, unless it is itself the proof that is demanded.
    if (!satisfiesByItself(signer, policy))
      await reporter.step('Verify at the source', () =>
        verifySources(plan.images, settings, services, record),
      )
    record.signed = await reporter.step('Sign', () =>
      signImages(plan.images, signer, registries, concurrency),
    )
    // The new signatures are part of the images now.
    if (record.signed.some((forms) => forms.length > 0)) {
      plan = await reporter.step('Plan with the signatures', () => makePlan(images, settings, registries))
      record.plan = plan
      record.found = plan.images
    }
  }
  await reporter.step('Verify at the source', () => verifySources(plan.images, settings, services, record))

  const total = totalsOf(plan).bytes
  const onBytes = (sent: number) => reporter.progress(sent, total)
  record.copied = await reporter.step('Copy', () => copyImages(plan, registries, { concurrency, onBytes }))
  requireCopied(record.copied)
  record.findings = await reporter.step('Verify at the targets', () =>
    verifyTargets(plan, policy, services, concurrency),
  )
  requireProven(plan, record.findings)

  // From here on an interruption waits: half of the tags would be worse than all or none.
  services.signal.throwIfAborted()
  record.moved = await reporter.step('Move the tags', () => moveTags(plan, services.tagRegistries))
  await writeLocks(plan, settings, record)
}
