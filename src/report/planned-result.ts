import { comingArtifacts } from '../graph/coming-artifacts.ts'
import type { PlannedTarget } from '../plan/plan.ts'
import { applyLines } from './apply-lines.ts'
import { cutSentence } from './cut-sentence.ts'
import type { RunRecord } from './run-record.ts'
import type { ComingResult, ImageResult, RunResult } from './run-result.ts'

/** What the report of a plan says besides what is said of any run. */
export function plannedResult({
  costs,
  cut,
  saved,
  given,
  redact,
}: RunRecord): Pick<RunResult, 'hosts' | 'cut' | 'apply'> {
  return {
    ...(costs && { hosts: costs.hosts }),
    ...(cut &&
      saved && {
        cut: { ...cut, sentence: cutSentence(cut, saved.shards) },
        apply: applyLines(saved, given).map(redact),
      }),
  }
}

/** What the policy says of an image, and what would be signed first. */
export function judgedResult(
  { rules, toSign, verdicts }: RunRecord,
  index: number,
): Pick<ImageResult, 'rule' | 'satisfied' | 'toSign'> {
  const [rule, verdict, forms = []] = [rules[index], verdicts[index], toSign[index]]
  return {
    ...(rule !== undefined && { rule }),
    ...(verdict && { satisfied: verdict.satisfied }),
    ...(forms.length > 0 && { toSign: forms }),
  }
}

/** What applying the plan brings to one target of an image; undefined for all commands but `plan`. */
export function comingTo(
  { costs }: RunRecord,
  planned: PlannedTarget,
  at: { readonly image: number; readonly target: number },
): ComingResult | undefined {
  const there = costs?.images[at.image]?.targets[at.target]
  if (there === undefined) return undefined
  const { blobs, bytes, mountedBlobs, mountedBytes, requests } = there
  return {
    // Those that a tag is made for are among what is attached.
    manifests: planned.manifests.length,
    blobs,
    bytes,
    mountedBlobs,
    mountedBytes,
    requests,
    attached: [
      ...comingArtifacts(planned),
      ...(planned.atomic?.missing ?? []).map(({ digest }) => ({
        kind: 'atomic' as const,
        digest,
        action: 'put' as const,
      })),
    ],
  }
}
