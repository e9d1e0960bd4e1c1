import type { Shard } from '../inputs/settings.ts'
import type { RunResult, SavedPlanNote } from './run-result.ts'

/** The action's outputs, each as the text that the runner is given. */
export function formatOutputs({
  images,
  totals,
  files,
  command,
  changes,
  plan,
}: RunResult): Readonly<Record<string, string>> {
  const [only, ...others] = images
  return {
    lock: files.locks.join('\n'),
    report: files.report ?? '',
    images: JSON.stringify(
      images.map(({ source, digest, targets, signatures }) => ({
        source,
        digest,
        targets: targets.map(({ target }) => target),
        signatures: signatures
          .filter(({ counts }) => counts)
          .map(({ form, manifest }) => ({ form, manifest })),
      })),
    ),
    digest: only !== undefined && others.length === 0 ? only.digest : '',
    copied: String(totals.copied),
    present: String(totals.present),
    signed: String(totals.signed),
    verified: String(totals.verified),
    bytes: String(totals.bytes),
    changes: command === 'plan' ? String(changes) : '',
    plan: plan?.place ?? '',
    'plan-digest': plan?.digest ?? '',
    shards: plan === null ? '' : JSON.stringify(shardsOf(plan)),
  }
}

/** The parts of a plan as a job matrix has them: each job reads the plan itself, whatever its size. */
function shardsOf({ shards: total }: SavedPlanNote): readonly Shard[] {
  return Array.from({ length: total }, (_, at) => ({ index: at + 1, total }))
}
