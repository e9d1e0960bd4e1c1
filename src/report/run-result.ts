import type { AttestOutcome } from '../attest/attest-promotions.ts'
import type { DriftEntry } from '../check/drift-entry.ts'
import type { ErrorKind, FileLocation } from '../errors.ts'
import type { AttachedKind } from '../graph/image-graph.ts'
import type { InventoryEntry } from '../graph/inventory.ts'
import type { PolicyInWords } from '../inputs/policy-in-words.ts'
import type { Command } from '../inputs/settings.ts'
import type { Annotations } from '../oci/descriptor.ts'
import type { Digest } from '../oci/digest.ts'
import type { CutQuality } from '../plan/cut-shards.ts'
import type { Amount } from '../plan/plan.ts'
import type { HostCosts } from '../plan/plan-costs.ts'
import type { PlanTotals } from '../plan/plan-totals.ts'
import type { PreflightFacts } from '../preflight/preflight-finding.ts'
import type { FallbackReport } from '../repair/broken-fallback.ts'
import type { SignatureVerdict } from '../verify/verifier.ts'
import type { REPORT_FORMAT } from './report-format.ts'
import type { UndoneTag } from './undone-tag.ts'

/** What a run did, as plain data: the JSON report is exactly this. Digests are texts, sizes bytes, times ISO 8601. */
export interface RunResult {
  readonly schema: typeof REPORT_FORMAT
  readonly command: Command
  readonly succeeded: boolean
  readonly exitCode: number
  readonly startedAt: string
  readonly finishedAt: string
  /** Who had to have signed, in the words of the inputs; null when the run ended before that was known. */
  readonly policy: PolicyInWords | null
  /** What the run wrote: the rewritten lock of each target, in their order, the report itself, and the comment about a plan. */
  readonly files: {
    readonly locks: readonly string[]
    readonly report: string | null
    readonly comment: string | null
  }
  /** What the plan amounts to; null when the run ended before there was one. */
  readonly planned: PlanTotals | null
  /** The saved plan that the run made, or that it carried out; null where there is none. */
  readonly plan: SavedPlanNote | null
  /** Of the command `plan`: whether promoting would change something. */
  readonly changes: boolean
  /** Of the command `plan`, and left out for all others: what applying it costs each registry. */
  readonly hosts?: readonly HostCosts[]
  /** Of a plan that was saved by this run: how well it is cut into parts, in bytes and in words, and the command lines that apply it. */
  readonly cut?: CutQuality & { readonly sentence: string }
  readonly apply?: readonly string[]
  /** Of the command `finish`: the runs that applied the parts of the plan, in their order. */
  readonly parts: readonly PartResult[]
  /** What was found out about the targets before anything was brought there; those to which the plan writes nothing are left out. */
  readonly preflight: readonly PreflightFacts[]
  readonly images: readonly ImageResult[]
  /** The image locations of bundles that the run wrote for imgpkg, as `host/path:tag`. */
  readonly locations: readonly string[]
  /** Of the command `rollback`, and left out for all others: what became of each tag of the promotion. */
  readonly undone?: readonly UndoneTag[]
  /** Of the command `check`, and left out for all others: what differs at the targets. */
  readonly drift?: readonly DriftEntry[]
  /** Of the command `repair`, and left out for all others: the fallback tags that do not list referrers as they should. */
  readonly fallbackTags?: readonly FallbackReport[]
  readonly totals: Totals
  readonly warnings: readonly string[]
  readonly errors: readonly ReportedError[]
}

/** Which saved plan, and which part of it. */
export interface SavedPlanNote {
  /** Where it is: what the input `plan` takes. */
  readonly place: string
  readonly digest: Digest
  /** The part that the run carried out, such as `2/8`; left out where it was all of it. */
  readonly shard?: string
  /** Into how many parts it is cut. */
  readonly shards: number
}

/** One run that applied a part of a plan; `shard` as in the input, times as in the result. */
export interface PartResult {
  readonly shard: string
  readonly startedAt: string
  readonly finishedAt: string
  readonly images: number
  readonly bytes: number
}

/** Manifests and blobs that were sent or found, and the bytes that left this machine for all targets together. */
export interface Totals {
  readonly images: number
  readonly copied: number
  readonly present: number
  readonly signed: number
  /** Images that nobody was to sign, in a run that signs others. */
  readonly notToSign: number
  readonly verified: number
  /** Statements that were made about promoted images. */
  readonly attested: number
  readonly mountedBlobs: number
  readonly sentBlobs: number
  readonly sentManifests: number
  readonly bytes: number
  readonly tags: number
}

export interface ImageResult {
  readonly written: string
  readonly source: string
  readonly digest: string
  readonly annotations: Annotations
  /** The forms of the signatures that this run added. */
  readonly signed: readonly string[]
  readonly signatures: readonly SignatureVerdict[]
  /** Which rule of the policy speaks of it, and whether it is satisfied; left out where that was not asked. */
  readonly rule?: string
  readonly satisfied?: boolean
  /** Of the command `plan`: the forms in which it would be signed first; left out where nothing would. */
  readonly toSign?: readonly string[]
  /** What the source has: the image itself and everything attached to any part of it. */
  readonly inventory: readonly InventoryEntry[]
  readonly targets: readonly TargetResult[]
}

export interface TargetResult {
  /** `host/path@digest`. */
  readonly target: string
  readonly repository: string
  /** What happened to the image here: for a plan, what would; for a check, whether it is as it should be. */
  readonly outcome: 'copied' | 'present' | 'planned' | 'drifted' | 'failed'
  /** What the target had and lacked of the image when it was planned. */
  readonly present: Amount
  readonly missing: Amount
  /** Of the command `plan`, and left out for all others: what applying it brings here. */
  readonly coming?: ComingResult
  readonly sent: { readonly manifests: number; readonly blobs: number; readonly bytes: number }
  readonly mounted: number
  readonly merged: readonly string[]
  readonly tags: readonly {
    readonly tag: string
    readonly action: 'create' | 'move' | 'keep' | 'refuse'
    /** Where it pointed before, for `move` and `refuse`. */
    readonly previous?: Digest
    readonly done: boolean
  }[]
  /** Of the command `repair`: what was missing here and has been brought, where the target was proven to be whole then; left out otherwise. */
  readonly mended?: readonly InventoryEntry[]
  /** Empty until the target was looked at after the copy. */
  readonly inventory: readonly InventoryEntry[]
  /** GPG signatures of the source's for which the registry has no place. */
  readonly leftBehind: readonly InventoryEntry[]
  readonly signatures: readonly SignatureVerdict[]
  /** What became of the signed statement about the promotion; null where none was to be made, or the run ended before. */
  readonly attested: AttestOutcome['statement'] | null
  /** Why the copy failed here. */
  readonly error?: ReportedError
}

/**
 * What comes to a target with one image; what several images share is counted with the first that lacks it. Manifests are those that are pushed
 * by digest; bytes are those of all that is sent; the number of requests is an estimate.
 */
export interface ComingResult {
  readonly manifests: number
  readonly blobs: number
  readonly bytes: number
  readonly mountedBlobs: number
  readonly mountedBytes: number
  readonly requests: number
  /** What is hung on the image there, or on parts of it; `atomic`: a GPG signature beside the manifests. */
  readonly attached: readonly {
    readonly kind: AttachedKind | 'atomic'
    readonly digest: string
    readonly action: 'create' | 'merge' | 'list' | 'put'
  }[]
}

export interface ReportedError {
  readonly kind: ErrorKind
  readonly message: string
  readonly hint?: string
  readonly location?: FileLocation
}
