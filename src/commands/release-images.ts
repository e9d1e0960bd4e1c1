import { requireCopied } from '../copy/outcome.ts'
import { putWaitingSignatures } from '../copy/put-atomic-signatures.ts'
import { throwAll } from '../errors.ts'
import { isLayout } from '../oci/layout-name.ts'
import type { Plan } from '../plan/plan.ts'
import { count } from '../report/safe-text.ts'
import { moveTagsTo } from './move-tags-to.ts'
import type { Prepared } from './prepared.ts'
import type { Run } from './run.ts'
import { writeLayouts } from './write-layouts.ts'
import { writeLocks } from './write-locks.ts'

/** The second half of a promotion, when all has arrived: what leads to the images, the tags last, all or none; then the lists. */
export async function releaseImages(
  { run, locations, list, locks }: Omit<Prepared, 'planAgain'>,
  plan: Plan,
): Promise<void> {
  const { reporter, artifactory, signal } = run.services
  await tellImgpkg(run, locations)
  // From here on an interruption waits: half of the tags would be worse than all or none.
  signal.throwIfAborted()
  if (list !== undefined) await writeLayouts(run, plan, list)
  await reporter.step('Move the tags', () => move(run, plan))
  if (locks !== undefined) await writeLocks(run, locks)
  if (artifactory?.moves) await reporter.step('Remove from the source', () => removeSources(run, plan))
}

/** Only now is it true that all images of each bundle are in its repository. */
async function tellImgpkg({ services, record }: Run, locations: Prepared['locations']): Promise<void> {
  if (locations.length === 0) return
  const { reporter, registries } = services
  await reporter.step('Write the image locations', async () => {
    // Loaded when it is needed: most runs meet no bundle.
    const { writeLocations } = await import('../copy/write-locations.ts')
    const { written, errors } = await writeLocations(locations, registries)
    record.locations = written
    throwAll(errors)
    reporter.info(`imgpkg finds the images of ${count(locations.length, 'bundle')} where they are now`)
  })
}

async function move(run: Run, plan: Plan): Promise<void> {
  const { services, record } = run
  await moveTagsTo((repository) => !isLayout(repository), run, plan)
  record.copied = await putWaitingSignatures(plan, record.copied, services.tagRegistries)
  requireCopied(record.copied)
}

async function removeSources({ services }: Run, plan: Plan): Promise<void> {
  const left = (await services.artifactory?.removeSources(plan)) ?? []
  for (const sentence of left) services.reporter.warn(sentence)
}
