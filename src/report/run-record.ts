import type { AttestOutcomes } from '../attest/attest-promotions.ts'
import type { MovedTag } from '../copy/move-tags.ts'
import type { CopyOutcomes } from '../copy/outcome.ts'
import type { FoundImage } from '../graph/discover-images.ts'
import type { PolicyInWords } from '../inputs/policy-in-words.ts'
import type { Command } from '../inputs/settings.ts'
import type { Plan } from '../plan/plan.ts'
import type { PlanTotals } from '../plan/plan-totals.ts'
import type { SignOutcome } from '../sign/sign-images.ts'
import type { Verdict } from '../verify/verifier.ts'
import type { TargetFindings } from '../verify/verify-targets.ts'

/** What the steps of a run have returned so far: the command fills it in step by step, so that a run that fails can still report. */
export interface RunRecord {
  /** `promote` until the inputs said otherwise. */
  command: Command
  readonly startedAt: Date
  readonly warnings: string[]
  readonly locks: string[]
  /** The image locations that were written for imgpkg, as `host/path:tag`. */
  locations: readonly string[]
  /** Takes secrets out of what is told; knows them as soon as there are registries to speak to. */
  redact: (text: string) => string
  policy: PolicyInWords | undefined
  report: string | undefined
  found: readonly FoundImage[]
  plan: Plan | undefined
  planned: PlanTotals | undefined
  /** Of the command `plan`: whether promoting would change something. */
  changes: boolean
  signed: readonly SignOutcome[]
  verdicts: readonly Verdict[]
  copied: CopyOutcomes
  findings: TargetFindings
  attested: AttestOutcomes
  moved: readonly MovedTag[] | undefined
}

/** The record of a run that has done nothing yet. */
export function startRecord(): RunRecord {
  return {
    command: 'promote',
    startedAt: new Date(),
    warnings: [],
    locks: [],
    locations: [],
    redact: (text) => text,
    policy: undefined,
    report: undefined,
    found: [],
    plan: undefined,
    planned: undefined,
    changes: false,
    signed: [],
    verdicts: [],
    copied: [],
    findings: [],
    attested: [],
    moved: undefined,
  }
}
