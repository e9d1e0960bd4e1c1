import type { DriftEntry } from '../check/drift-entry.ts'
import type { BlobOutcome, CopyOutcome } from '../copy/outcome.ts'
import { EXIT_CODES, type PromotionError, SeveralErrors } from '../errors.ts'
import type { FoundImage } from '../graph/discover-images.ts'
import type { ImageGraph } from '../graph/image-graph.ts'
import { atomicEntryOf, inventoryOf } from '../graph/inventory.ts'
import { missingSignatures } from '../oci/atomic-signature.ts'
import { cutText } from '../oci/cut-text.ts'
import type { Digest } from '../oci/digest.ts'
import { formatReference, formatRepository, sameRepository } from '../oci/reference.ts'
import type { PlannedTarget, TagChange } from '../plan/plan.ts'
import { driftedTargets } from './drifted-targets.ts'
import { mendedAt } from './mended-at.ts'
import { mergeParts } from './merge-parts.ts'
import { comingTo, judgedResult, plannedResult } from './planned-result.ts'
import { REPORT_FORMAT } from './report-format.ts'
import type { RunRecord } from './run-record.ts'
import type { ImageResult, ReportedError, RunResult, TargetResult, Totals } from './run-result.ts'

/** The exit code of `plan` when promoting would change something. */
export const CHANGES_EXIT_CODE = 2

/** Characters of a message; what a hostile lock or registry put into one may be megabytes. */
const LONGEST_MESSAGE = 4000

/** Turns what the steps returned, and the error that ended the run if there was one, into the plain data of the report. */
export function makeResult(
  record: RunRecord,
  error: PromotionError | undefined,
  finishedAt: Date,
): RunResult {
  const isDrifted = driftedTargets(record.drift ?? [])
  const images = record.found.map((found, index) => imageResult(record, found, index, isDrifted))
  const own: RunResult = {
    schema: REPORT_FORMAT,
    command: record.command,
    succeeded: error === undefined,
    exitCode: exitCodeOf(record, error),
    startedAt: record.startedAt.toISOString(),
    finishedAt: finishedAt.toISOString(),
    policy: record.policy ?? null,
    files: { locks: record.locks, report: record.report ?? null, comment: record.comment ?? null },
    planned: record.planned ?? null,
    plan: record.saved ?? null,
    changes: record.changes,
    ...plannedResult(record),
    preflight: record.preflight,
    parts: [],
    images,
    locations: record.locations,
    ...(record.undone && { undone: record.undone }),
    ...(record.drift && { drift: record.drift.map((entry) => cleanEntry(entry, record)) }),
    ...(record.fallbackTags && { fallbackTags: record.fallbackTags }),
    totals: totalsOf(record, images),
    warnings: record.warnings,
    errors: error === undefined ? [] : flatten(error).map((one) => reportedError(one, record)),
  }
  return mergeParts(own, record.parts)
}

/** One error, or each of several, in the order in which they were found. */
export function flatten(error: PromotionError): readonly PromotionError[] {
  return error instanceof SeveralErrors ? error.errors.flatMap(flatten) : [error]
}

function exitCodeOf({ changes }: RunRecord, error: PromotionError | undefined): number {
  if (error !== undefined) return EXIT_CODES[error.kind]
  return changes ? CHANGES_EXIT_CODE : 0
}

function imageResult(
  record: RunRecord,
  { image, graph }: FoundImage,
  index: number,
  isDrifted: ReturnType<typeof driftedTargets>,
): ImageResult {
  const source = formatReference(image.reference)
  const targets = record.plan?.images[index]?.targets ?? []
  return {
    written: image.written,
    source,
    digest: image.reference.digest,
    annotations: image.annotations,
    signed: record.signed[index]?.forms ?? [],
    signatures: record.verdicts[index]?.signatures ?? [],
    ...judgedResult(record, index),
    inventory: inventoryOf(graph),
    targets: targets.map((target, at) => {
      const { digest } = image.reference
      const isOff = isDrifted(source, formatRepository(target.repository))
      return targetResult(record, target, { image: index, target: at, digest, isOff, graph })
    }),
  }
}

function targetResult(
  record: RunRecord,
  planned: PlannedTarget,
  at: {
    readonly image: number
    readonly target: number
    readonly digest: Digest
    readonly isOff: boolean
    readonly graph: ImageGraph
  },
): TargetResult {
  const copied = record.copied[at.image]?.[at.target]
  const finding = record.findings[at.image]?.[at.target]
  const sent = sentOf(copied)
  const coming = comingTo(record, planned, at)
  const outcome = record.drift === undefined ? outcomeOf(copied) : at.isOff ? 'drifted' : 'present'
  const mended = outcome === 'copied' ? mendedAt(record, planned, at) : undefined
  return {
    target: formatReference({ repository: planned.repository, digest: at.digest }),
    repository: formatRepository(planned.repository),
    outcome,
    present: planned.present,
    missing: planned.missing,
    ...(coming && { coming }),
    sent: {
      manifests: copied?.manifests.length ?? 0,
      blobs: sent.length,
      bytes: [...sent.map(({ blob }) => blob), ...(copied?.manifests ?? [])].reduce(
        (sum, { size }) => sum + size,
        0,
      ),
    },
    mounted: copied?.blobs.filter(({ action }) => action === 'mounted').length ?? 0,
    merged: copied?.merged ?? [],
    tags: tagsOf(record, planned),
    ...(mended && { mended }),
    inventory: finding === undefined ? [] : inventoryOf(withLateSignatures(finding.graph, copied)),
    leftBehind: (planned.atomic?.leftBehind ?? []).map(atomicEntryOf),
    signatures: finding?.verdict.signatures ?? [],
    attested: record.attested[at.image]?.[at.target]?.statement ?? null,
    ...(copied?.error && { error: reportedError(copied.error, record) }),
  }
}

function tagsOf(record: RunRecord, planned: PlannedTarget): TargetResult['tags'] {
  const { tags, refusedTags = [] } = planned
  return [
    ...tags.map((change) => ({
      tag: change.tag,
      action: change.action,
      ...(change.action === 'move' && { previous: change.previous }),
      done: isDone(record, planned, change),
    })),
    ...refusedTags.map(({ tag, previous }) => ({ tag, action: 'refuse' as const, previous, done: false })),
  ]
}

function isDone(
  { moved }: RunRecord,
  { repository }: PlannedTarget,
  { tag, action, isSettled }: TagChange,
): boolean {
  if (moved === undefined) return false
  return (
    action === 'keep' ||
    isSettled === true ||
    moved.some((one) => one.tag === tag && sameRepository(one.repository, repository))
  )
}

function outcomeOf(copied: CopyOutcome | undefined): TargetResult['outcome'] {
  if (copied === undefined) return 'planned'
  if (copied.error !== undefined) return 'failed'
  const { manifests, blobs, merged, atomic } = copied
  const wrote = manifests.length + blobs.length + merged.length + (atomic?.put.length ?? 0) > 0
  return wrote ? 'copied' : 'present'
}

/** What was found at the target, and what was written there after that. */
function withLateSignatures(graph: ImageGraph, copied: CopyOutcome | undefined): ImageGraph {
  const late = missingSignatures(copied?.atomic?.put ?? [], graph.atomic ?? [])
  return late.length === 0 ? graph : { ...graph, atomic: [...(graph.atomic ?? []), ...late] }
}

function sentOf(copied: CopyOutcome | undefined): readonly BlobOutcome[] {
  return copied?.blobs.filter(({ action }) => action === 'sent') ?? []
}

/** Blobs that several images share are counted once. */
function totalsOf(record: RunRecord, images: readonly ImageResult[]): Totals {
  const outcomes = record.copied.flat()
  const blobs = [...new Set(outcomes.flatMap((outcome) => outcome.blobs))]
  const sent = blobs.filter(({ action }) => action === 'sent')
  const manifests = outcomes.flatMap((outcome) => outcome.manifests)
  const targets = images.flatMap((image) => image.targets)
  return {
    images: images.length,
    copied: targets.filter(({ outcome }) => outcome === 'copied').length,
    present: targets.filter(({ outcome }) => outcome === 'present').length,
    signed: images.filter(({ signed }) => signed.length > 0).length,
    notToSign: record.signed.filter(({ isLeft }) => isLeft).length,
    verified: record.verdicts.filter(({ satisfied, signatures }) => satisfied && signatures.length > 0)
      .length,
    attested: targets.filter(({ attested }) => attested === 'made').length,
    mountedBlobs: blobs.filter(({ action }) => action === 'mounted').length,
    sentBlobs: sent.length,
    sentManifests: manifests.length,
    bytes: [...sent.map(({ blob }) => blob), ...manifests].reduce((sum, { size }) => sum + size, 0),
    tags: record.moved?.filter(({ byEarlierRun }) => !byEarlierRun).length ?? 0,
  }
}

function reportedError(
  { kind, message, hint, location }: PromotionError,
  { redact }: RunRecord,
): ReportedError {
  return {
    kind,
    message: cutText(redact(message), LONGEST_MESSAGE),
    ...(hint && { hint: cutText(redact(hint), LONGEST_MESSAGE) }),
    ...(location && { location }),
  }
}

/** A message may quote what a registry said. */
function cleanEntry(entry: DriftEntry, { redact }: RunRecord): DriftEntry {
  return { ...entry, message: cutText(redact(entry.message), LONGEST_MESSAGE) }
}
