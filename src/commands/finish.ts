import type { CopyOutcome } from '../copy/outcome.ts'
import { PromotionError, throwAll } from '../errors.ts'
import { formatReference, formatRepository } from '../oci/reference.ts'
import type { Plan, PlannedTarget } from '../plan/plan.ts'
import type { ReportedRun } from '../report/reported-run.ts'
import { requireParts } from '../report/require-parts.ts'
import { findMissingForms } from '../sign/sign-images.ts'
import { questionsFor } from './bring-images.ts'
import { prepareSaved } from './prepare-saved.ts'
import { releaseImages } from './release-images.ts'
import type { Run } from './run.ts'
import { verifyCopies } from './verify-copies.ts'
import { verifySources } from './verify-sources.ts'

/**
 * Moves the tags of a saved plan that was applied in parts. Nothing is taken from the reports but what they count: that every image is whole
 * and proven at every target is looked at, and one part that is missing or has failed moves no tag.
 */
export async function finish(run: Run): Promise<void> {
  const { applying } = run.settings
  if (applying === undefined) throw new PromotionError('internal', 'The command finish has no plan')
  const { reporter } = run.services
  const prepared = await prepareSaved(run, applying, questionsFor(run))
  run.record.parts = await reporter.step('Read the reports', () => readParts(run))
  const plan = prepared.plan
  await requireArrived(prepared.run, plan)
  await reporter.step('Verify at the source', () => verifySources(prepared.run, plan.images))
  await reporter.step('Verify at the targets', () => {
    run.record.copied = plan.images.map(({ targets }) => targets.map(outcomeOf))
    return verifyCopies(prepared.run, plan)
  })
  await releaseImages(prepared, plan)
}

async function readParts({ settings, services, record }: Run): Promise<readonly ReportedRun[]> {
  const { applying } = settings
  const { saved } = record
  if (applying === undefined || saved === undefined) return []
  const { parseReport } = await import('../report/parse-report.ts')
  const reports = await services.handover.readReports(applying.plan, applying.reports)
  return requireParts(
    reports.map(({ name, text }) => ({ name, run: parseReport(text, name) })),
    saved,
  )
}

/** Throws for every image of which something is not there that the plan brings. */
async function requireArrived({ services }: Run, { images, blobs }: Plan): Promise<void> {
  const missing = await findMissingForms(images, services.signerOf, services.registries)
  const lacking = new Set(
    blobs.flatMap(({ targets }) => targets.map(({ repository }) => formatRepository(repository))),
  )
  throwAll(
    images.flatMap(({ image, targets }, index) => {
      const where = targets
        .filter((target) => isUnfinished(target, lacking))
        .map(({ repository }) => repository)
      if (missing[index]?.length !== 0) where.push(image.reference.repository)
      const { digest } = image.reference
      return where.map((repository) =>
        notThere(formatReference({ repository, digest })).locatedAt(image.location),
      )
    }),
  )
}

/** GPG signatures may have to wait until a tag leads to what they sign. */
function isUnfinished(
  { repository, manifests, attachedTags, referrers }: PlannedTarget,
  lacking: ReadonlySet<string>,
): boolean {
  const left = manifests.length + attachedTags.length + referrers.length
  return left > 0 || lacking.has(formatRepository(repository))
}

function notThere(name: string): PromotionError {
  return new PromotionError(
    'incomplete',
    `${name} is not whole, though all parts of the plan have reported that it is`,
    {
      hint: 'No tag was moved. Apply the parts of the plan again, which sends only what is missing, and then finish.',
    },
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
