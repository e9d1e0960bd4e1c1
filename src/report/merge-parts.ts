import type { ReportedRun, ReportedTarget } from './reported-run.ts'
import type { ImageResult, PartResult, RunResult, TargetResult, Totals } from './run-result.ts'

/** What the runs that applied the parts of a plan counted. */
const COUNTED = [
  ...(['copied', 'present', 'signed', 'notToSign', 'attested'] as const),
  ...(['mountedBlobs', 'sentBlobs', 'sentManifests', 'bytes'] as const),
]

/** The result of finishing a plan with what became of it in its parts: who signed, copied and attested, which finishing only looks at. */
export function mergeParts(result: RunResult, parts: readonly ReportedRun[]): RunResult {
  if (parts.length === 0) return result
  const images = new Map(
    parts.flatMap((part) => part.images).map((image) => [keyOf(image.source, image.targets), image]),
  )
  return {
    ...result,
    images: result.images.map((image) => {
      const before = images.get(keyOf(image.source, image.targets))
      return before === undefined ? image : mergeImage(image, before.signed, before.targets)
    }),
    parts: parts.map(partResult),
    totals: mergeTotals(result.totals, parts),
    warnings: [...new Set([...parts.flatMap((part) => part.warnings), ...result.warnings])],
  }
}

function mergeImage(
  image: ImageResult,
  signed: readonly string[],
  before: readonly ReportedTarget[],
): ImageResult {
  const byName = new Map(before.map((target) => [target.target, target]))
  const targets = image.targets.map((target) => mergeTarget(target, byName.get(target.target)))
  return { ...image, signed, targets }
}

/** The tags, and what is there in the end, are as finishing found them. */
function mergeTarget(target: TargetResult, before: ReportedTarget | undefined): TargetResult {
  if (before === undefined) return target
  const { outcome, present, missing, sent, mounted, merged, attested } = before
  return { ...target, outcome, present, missing, sent, mounted, merged, attested }
}

function mergeTotals(own: Totals, parts: readonly ReportedRun[]): Totals {
  const sums = COUNTED.map(
    (name) => [name, parts.reduce((sum, { totals }) => sum + totals[name], 0)] as const,
  )
  return { ...own, ...Object.fromEntries(sums) }
}

function partResult({ plan, startedAt, finishedAt, totals }: ReportedRun): PartResult {
  return { shard: plan?.shard ?? '', startedAt, finishedAt, images: totals.images, bytes: totals.bytes }
}

/** One image may be promoted to several places. */
function keyOf(source: string, targets: readonly { readonly target: string }[]): string {
  return [source, ...targets.map(({ target }) => target)].join(' ')
}
