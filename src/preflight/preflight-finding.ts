import type { PromotionError } from '../errors.ts'
import type { PushRight, ReferrersPlace } from '../registry/repository.ts'

/** What was found out about one target repository before anything was brought to it: plain data, for the report. */
export interface PreflightFacts {
  /** `host/path`. */
  readonly repository: string
  readonly write: PushRight
  /** Where the registry lists what refers to an image; asked for only where the plan has something to list. */
  readonly referrers: ReferrersPlace
  /** Left out where nothing was pushed to find something out. */
  readonly probe?: ProbeFacts
}

/** What a registry was seen to do; `not tried`: nothing in the plan needs it, or what has to come before it failed. */
export type ProbeAnswer = 'yes' | 'no' | 'not tried'

/** What pushing and deleting artifacts that nobody needs has shown. */
export interface ProbeFacts {
  readonly mediaTypes: readonly ProbedKind[]
  readonly tags: { readonly move: ProbeAnswer; readonly remove: ProbeAnswer }
  /** Whether a referrer that was pushed is listed. */
  readonly lists: ProbeAnswer
  /** What could not be deleted again, as `host/path@digest` and `host/path:tag`. */
  readonly left: readonly string[]
}

/** One kind of manifest that the plan would push, in words, and whether the registry takes it. */
export interface ProbedKind {
  readonly kind: string
  readonly taken: ProbeAnswer
}

/** The facts, what of them keeps a promotion from going on, and what somebody should know. */
export interface PreflightFinding {
  readonly facts: PreflightFacts
  readonly errors: readonly PromotionError[]
  readonly warnings: readonly string[]
}
