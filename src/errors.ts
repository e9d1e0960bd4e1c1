/**
 * What went wrong, as far as the caller has to tell it apart. Each kind has its own exit code:
 * - `input`: what the user gave cannot be used; nothing was asked of any registry, or nothing was written.
 * - `registry`: a registry, or another server that is only read from, refused, failed or lied.
 * - `signing`: a signature could not be made.
 * - `verification`: the policy is not satisfied.
 * - `conflict`: the target holds something that must not be overwritten, such as a tag that points elsewhere.
 * - `incomplete`: an image is not whole, where it was found or at a target after the copy; or a result could not be written.
 * - `drift`: a target holds something else than the list and the policy say.
 * - `outdated`: what a saved plan was made from has changed since.
 * - `interrupted`: the run was told to stop.
 * - `internal`: a defect of this program.
 */
export type ErrorKind =
  | 'input'
  | 'registry'
  | 'signing'
  | 'verification'
  | 'conflict'
  | 'incomplete'
  | 'drift'
  | 'outdated'
  | 'interrupted'
  | 'internal'

/** The exit code of a run that failed with an error of this kind. 0 is success; `plan` ends with 2 when there is work to do. */
export const EXIT_CODES: Readonly<Record<ErrorKind, number>> = {
  internal: 1,
  input: 3,
  registry: 4,
  verification: 5,
  signing: 6,
  conflict: 7,
  incomplete: 8,
  drift: 9,
  outdated: 10,
  interrupted: 130,
}

/** Where in a file of the user's a problem lies; lines and columns count from 1. */
export interface FileLocation {
  readonly file: string
  readonly line?: number
  readonly column?: number
}

interface ErrorDetails {
  readonly cause?: unknown
  readonly hint?: string
  readonly location?: FileLocation
}

/** An error with a meaning for the user: what was asked, what came back (`message`), and what to do (`hint`, one sentence). */
export class PromotionError extends Error {
  readonly kind: ErrorKind
  readonly hint: string | undefined
  #location: FileLocation | undefined

  constructor(kind: ErrorKind, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.name = new.target.name
    this.kind = kind
    this.hint = details.hint
    this.#location = details.location
  }

  get location(): FileLocation | undefined {
    return this.#location
  }

  /** The same error, told where in the user's files it comes from unless it knows that already. */
  locatedAt(location: FileLocation | undefined): this {
    this.#location ??= location
    return this
  }
}

/** Several problems at once, each of them complete; the kind is that of the gravest, the order that in which they were found. */
export class SeveralErrors extends PromotionError {
  readonly errors: readonly PromotionError[]

  constructor(errors: readonly [PromotionError, ...PromotionError[]]) {
    super(gravest(errors).kind, errors.map((error) => error.message).join('\n'), { cause: errors[0] })
    this.errors = errors
  }

  /** Each of the errors that does not know its place yet. */
  override locatedAt(location: FileLocation | undefined): this {
    for (const error of this.errors) error.locatedAt(location)
    return this
  }
}

/** What ended a run as a whole; no image is to blame for it, so that it has no place in a file. */
export class RunEnded extends PromotionError {
  override locatedAt(_location: FileLocation | undefined): this {
    return this
  }
}

const GRAVITY: readonly ErrorKind[] = [
  'internal',
  'interrupted',
  'input',
  'verification',
  'outdated',
  'conflict',
  'signing',
  'registry',
  'incomplete',
  'drift',
]

function gravest(errors: readonly [PromotionError, ...PromotionError[]]): PromotionError {
  return errors.reduce((worst, error) =>
    GRAVITY.indexOf(error.kind) < GRAVITY.indexOf(worst.kind) ? error : worst,
  )
}

/** Throws nothing for no errors, the error itself for one, and SeveralErrors for more. */
export function throwAll(errors: readonly PromotionError[]): void {
  const [first, ...others] = new Set(errors)
  if (first === undefined) return
  throw others.length === 0 ? first : new SeveralErrors([first, ...others])
}

/** Any thrown value as a PromotionError; what is not one is a defect of this program and becomes kind `internal`. */
export function asPromotionError(thrown: unknown): PromotionError {
  if (thrown instanceof PromotionError) return thrown
  const message = thrown instanceof Error ? thrown.message : String(thrown)
  return new PromotionError('internal', `Unexpected failure: ${message}`, {
    cause: thrown,
    hint:
      hintOfMachine(thrown) ?? 'This is a defect of Signed Promote; please report it with the lines above.',
  })
}

/** What to do when it was a limit of the machine that was met; undefined for every other cause. */
export function hintOfMachine(cause: unknown): string | undefined {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined
  return code === 'EMFILE' || code === 'ENFILE'
    ? 'The system allows too few open files: raise that limit, with ulimit -n.'
    : undefined
}
