import type { AttestOutcomes } from '../attest/attest-promotions.ts'
import type { DriftEntry } from '../check/drift-entry.ts'
import type { MovedTag } from '../copy/move-tags.ts'
import type { CopyOutcomes } from '../copy/outcome.ts'
import type { FoundImage } from '../graph/discover-images.ts'
import type { GivenInput } from '../inputs/inputs-to-apply.ts'
import type { PolicyInWords } from '../inputs/policy-in-words.ts'
import type { Command } from '../inputs/settings.ts'
import type { CutQuality } from '../plan/cut-shards.ts'
import type { Plan } from '../plan/plan.ts'
import type { PlanCosts } from '../plan/plan-costs.ts'
import type { PlanTotals } from '../plan/plan-totals.ts'
import type { PreflightFacts } from '../preflight/preflight-finding.ts'
import type { FallbackReport } from '../repair/broken-fallback.ts'
import type { SignOutcome } from '../sign/sign-images.ts'
import type { SignatureForm, Verdict } from '../verify/verifier.ts'
import type { TargetFindings } from '../verify/verify-targets.ts'
import type { ReportedRun } from './reported-run.ts'
import type { SavedPlanNote } from './run-result.ts'
import type { UndoneTag } from './undone-tag.ts'

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
  /** The saved plan that this run made, or that it carries out. */
  saved: SavedPlanNote | undefined
  report: string | undefined
  /** Of the command `plan`: where its Markdown for a comment is written, and the inputs that applying it takes as well. */
  comment: string | undefined
  given: readonly GivenInput[]
  found: readonly FoundImage[]
  plan: Plan | undefined
  planned: PlanTotals | undefined
  /** Of the command `plan`: what applying it costs, and how well it is cut into parts. */
  costs: PlanCosts | undefined
  cut: CutQuality | undefined
  /** Of the command `plan`: whether promoting would change something. */
  changes: boolean
  /** Of the command `plan`: the forms in which each image would be signed first. */
  toSign: readonly (readonly SignatureForm[])[]
  /** Which rule of the policy speaks of each image. */
  rules: readonly string[]
  signed: readonly SignOutcome[]
  verdicts: readonly Verdict[]
  preflight: readonly PreflightFacts[]
  copied: CopyOutcomes
  findings: TargetFindings
  attested: AttestOutcomes
  moved: readonly MovedTag[] | undefined
  /** Of the command `finish`: what the runs did that applied the parts of the plan. */
  parts: readonly ReportedRun[]
  /** Of the command `rollback`: what became of each tag of the promotion. */
  undone: readonly UndoneTag[] | undefined
  /** Of the command `check`: what differs at the targets. */
  drift: readonly DriftEntry[] | undefined
  /** Of the command `repair`: the fallback tags that do not list referrers as they should. */
  fallbackTags: readonly FallbackReport[] | undefined
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
    saved: undefined,
    report: undefined,
    comment: undefined,
    given: [],
    found: [],
    plan: undefined,
    planned: undefined,
    costs: undefined,
    cut: undefined,
    changes: false,
    toSign: [],
    rules: [],
    signed: [],
    verdicts: [],
    preflight: [],
    copied: [],
    findings: [],
    attested: [],
    moved: undefined,
    parts: [],
    undone: undefined,
    drift: undefined,
    fallbackTags: undefined,
  }
}
