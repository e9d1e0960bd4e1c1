import type { AttestOutcome } from '../attest/attest-promotions.ts'
import type { ErrorKind, FileLocation } from '../errors.ts'
import type { InventoryEntry } from '../graph/inventory.ts'
import type { PolicyInWords } from '../inputs/policy-in-words.ts'
import type { Command } from '../inputs/settings.ts'
import type { Annotations } from '../oci/descriptor.ts'
import type { Amount } from '../plan/plan.ts'
import type { PlanTotals } from '../plan/plan-totals.ts'
import type { SignatureVerdict } from '../verify/verifier.ts'

/** What a run did, as plain data: the JSON report is exactly this. Digests are texts, sizes bytes, times ISO 8601. */
export interface RunResult {
  readonly schema: 'signed-promote/report/v1'
  readonly command: Command
  readonly succeeded: boolean
  readonly exitCode: number
  readonly startedAt: string
  readonly finishedAt: string
  /** Who had to have signed, in the words of the inputs; null when the run ended before that was known. */
  readonly policy: PolicyInWords | null
  /** What the run wrote: the rewritten lock of each target, in their order, and the report itself. */
  readonly files: { readonly locks: readonly string[]; readonly report: string | null }
  /** What the plan amounts to; null when the run ended before there was one. */
  readonly planned: PlanTotals | null
  readonly images: readonly ImageResult[]
  /** The image locations of bundles that the run wrote for imgpkg, as `host/path:tag`. */
  readonly locations: readonly string[]
  readonly totals: Totals
  readonly warnings: readonly string[]
  readonly errors: readonly ReportedError[]
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
  /** What the source has: the image itself and everything attached to any part of it. */
  readonly inventory: readonly InventoryEntry[]
  readonly targets: readonly TargetResult[]
}

export interface TargetResult {
  /** `host/path@digest`. */
  readonly target: string
  readonly repository: string
  /** What happened to the image here: for a plan, what would. */
  readonly outcome: 'copied' | 'present' | 'planned' | 'failed'
  /** What the target had and lacked of the image when it was planned. */
  readonly present: Amount
  readonly missing: Amount
  readonly sent: { readonly manifests: number; readonly blobs: number; readonly bytes: number }
  readonly mounted: number
  readonly merged: readonly string[]
  readonly tags: readonly {
    readonly tag: string
    readonly action: 'create' | 'move' | 'keep'
    readonly done: boolean
  }[]
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

export interface ReportedError {
  readonly kind: ErrorKind
  readonly message: string
  readonly hint?: string
  readonly location?: FileLocation
}
