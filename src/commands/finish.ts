import type { CopyOutcome } from '../copy/outcome.ts'
import { PromotionError, throwAll } from '../errors.ts'
import { formatReference } from '../oci/reference.ts'
import type { Plan, PlannedTarget } from '../plan/plan.ts'
import { findMissingForms } from '../sign/sign-images.ts'
import { countUnattested } from './attest.ts'
import { prepareSaved } from './prepare-saved.ts'
import type { Prepared } from './prepared.ts'
import { readParts } from './read-parts.ts'
import { releaseImages } from './release-images.ts'
import type { Run } from './run.ts'
import { verifyCopies } from './verify-copies.ts'
import { verifySources } from './verify-sources.ts'

const APPLY_AGAIN =
  'No tag was moved. Apply the parts of the plan again, which sends only what is missing, and then finish.'

/**
 * Moves the tags of a saved plan that was applied in parts. Nothing is taken from the reports but what they count: that every image is whole
 * and proven at every target, and attested to where that was asked for, is looked at, and one part that is missing or has failed moves no tag.
 */
export async function finish(given: Run): Promise<void> {
  const { applying } = given.settings
  if (applying === undefined) throw new PromotionError('internal', 'The command finish has no plan')
  // All but what would plan once more: that keeps the saved plan, which is large.
  const { planAgain: _, ...prepared } = await prepareSaved(given, applying)
  const { run, plan, saved } = prepared
  const { record, services } = run
  const { reporter } = services
  record.parts = await reporter.step('Read the reports', () => readParts(run, applying, saved))
  await requireArrived(run, plan)
  await reporter.step('Verify at the source', () => verifySources(run, plan.images))
  await reporter.step('Verify at the targets', () => {
    record.copied = plan.images.map(({ targets }) => targets.map(outcomeOf))
    return verifyCopies(run, plan)
  })
  await requireStatements(prepared, plan)
  await releaseImages(prepared, plan)
}

/** Throws for every image of which something is not there that the plan brings. */
async function requireArrived({ services }: Run, { images }: Plan): Promise<void> {
  const missing = await findMissingForms(images, services.signerOf, services.registries)
  throwAll(
    images.flatMap(({ image, targets }, index) => {
      const { repository: source, digest } = image.reference
      const where = targets.filter(isUnfinished).map(({ repository }) => repository)
      if (missing[index]?.length !== 0) where.push(source)
      return where.map((repository) =>
        notThere(formatReference({ repository, digest })).locatedAt(image.location),
      )
    }),
  )
}

/** GPG signatures may have to wait until a tag leads to what they sign. */
function isUnfinished({ missing, attachedTags, referrers }: PlannedTarget): boolean {
  return missing.manifests + missing.blobs + attachedTags.length + referrers.length > 0
}

async function requireStatements(
  { run, digest }: Pick<Prepared, 'run' | 'digest'>,
  plan: Plan,
): Promise<void> {
  const lacking = await countUnattested(run, plan, digest)
  if (lacking === 0) return
  throw new PromotionError(
    'incomplete',
    `Of the statements about the promotion ${lacking} are not at the targets, though all parts of the plan have reported that they are`,
    { hint: APPLY_AGAIN },
  )
}

function notThere(name: string): PromotionError {
  return new PromotionError(
    'incomplete',
    `${name} is not whole, though all parts of the plan have reported that it is`,
    { hint: APPLY_AGAIN },
  )
}

function outcomeOf({ repository, atomic }: PlannedTarget): CopyOutcome {
  return {
    repository,
    blobs: [],
    manifests: [],
    merged: [],
    proven: new Map(),
    tagged: new Map(),
    ...(atomic && { atomic: { put: [], waiting: atomic.missing } }),
  }
}
