import { isEmpty } from '../plan/plan-totals.ts'
import { count } from '../report/safe-text.ts'
import { findUnsigned } from '../sign/sign-images.ts'
import { countUnattested } from './attest.ts'
import { isOwnProof } from './is-own-proof.ts'
import { planImages } from './plan-images.ts'
import { readImages } from './read-images.ts'
import type { Run } from './run.ts'
import { verifySources } from './verify-sources.ts'

/** What promote does, cut before anything is written. A policy that a signature yet to be made would satisfy is not asked. */
export async function plan(run: Run): Promise<void> {
  const { services, record } = run
  const { reporter, registries, signer } = services
  const { images } = await reporter.step('Read the image list', () => readImages(run))
  const planned = await reporter.step('Plan', () => planImages(run, images, 'ask for blobs'))

  const unsigned = signer ? await findUnsigned(planned.images, signer, registries) : []
  record.changes = !isEmpty(planned) || unsigned.length > 0
  if (unsigned.length > 0) {
    const number = `${unsigned.length} of ${planned.images.length}`
    reporter.info(`${number} images would be signed first; the plan does not count these signatures.`)
    if (signer && (await isOwnProof(signer, services))) return
  }
  await reporter.step('Verify at the source', () => verifySources(run, planned.images))
  const unattested = await countUnattested(run, planned)
  if (unattested === 0) return
  record.changes = true
  reporter.info(`${count(unattested, 'statement')} about the promotion would be made.`)
}
