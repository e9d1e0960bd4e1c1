import { runAll } from '../concurrency.ts'
import { isEmpty } from '../plan/plan-totals.ts'
import { count } from '../report/safe-text.ts'
import { findUnsigned } from '../sign/sign-images.ts'
import { countUnattested } from './attest.ts'
import { isOwnProof } from './is-own-proof.ts'
import { planList } from './plan-list.ts'
import { readImages } from './read-images.ts'
import type { Run } from './run.ts'
import { verifySources } from './verify-sources.ts'

/** What promote does, cut before anything is written. A policy that a signature yet to be made would satisfy is not asked. */
export async function plan(run: Run): Promise<void> {
  const { services, record } = run
  const { reporter, registries, signerOf } = services
  const list = await reporter.step('Read the image list', () => readImages(run))
  const { plan: planned, locations } = await reporter.step('Plan', () => planList(run, list, 'ask for blobs'))

  const unsigned = new Set(await findUnsigned(planned.images, signerOf, registries))
  record.changes = !isEmpty(planned) || unsigned.size > 0 || locations.length > 0
  if (unsigned.size > 0) {
    const number = `${unsigned.size} of ${planned.images.length}`
    reporter.info(`${number} images would be signed first; the plan does not count these signatures.`)
  }
  if (locations.length > 0) {
    reporter.info(`imgpkg would be told where the images of ${count(locations.length, 'bundle')} are.`)
  }
  const isYetToBeProven = await runAll(
    planned.images,
    async (one) => unsigned.has(one) && (await isOwnProof(one.image, services)),
  )
  const judged = planned.images.filter((_, index) => !isYetToBeProven[index])
  if (judged.length === 0) return
  await reporter.step('Verify at the source', () => verifySources(run, planned.images, judged))
  if (judged.length < planned.images.length) return
  const unattested = await countUnattested(run, planned)
  if (unattested === 0) return
  record.changes = true
  reporter.info(`${count(unattested, 'statement')} about the promotion would be made.`)
}
