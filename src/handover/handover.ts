/** The report of one run, and the name by which messages call it. */
export interface SavedReport {
  readonly name: string
  readonly text: string
}

/** A report that hangs on a plan, with what its manifest says of it: whoever pushed it can have written anything there. */
export interface AttachedReport {
  readonly name: string
  /** The part of the plan, such as `2/8`. */
  readonly part: string
  /** When it was hung there, in milliseconds since 1970. */
  readonly savedAt: number
  /** Bytes of its text; at most LARGEST_REPORT. */
  readonly size: number
  /** The text; undefined, with a warning, where what was pushed is none. */
  read(): Promise<string | undefined>
}

/**
 * Hands a plan and the reports on it from job to job. A place is the path of a file, or a repository: `oci://host/path` to save a plan in and
 * `oci://host/path@sha256:…` where it is then. What cannot be used throws a PromotionError of kind `input`, a file that cannot be written
 * one of kind `incomplete`, and a registry that fails a RegistryError.
 */
export interface Handover {
  /** Saves a plan; returns the place that it is read from. */
  savePlan(place: string, text: string): Promise<string>
  /** The text of a saved plan; that in a repository is the one of the digest. */
  readPlan(place: string): Promise<string>
  /** Hangs the report of a part, such as `2/8`, on the plan in a repository. Does nothing for a plan in a file. */
  saveReport(place: string, part: string, text: string): Promise<void>
  /**
   * All reports that hang on the plan in a repository, in an order that says nothing; none for a plan in a file. Whoever may push to the
   * repository can have hung one there; a part of the plan that was run twice has two.
   */
  listReports(place: string): Promise<readonly AttachedReport[]>
  /** What `use` makes of each report that paths and glob patterns name, before the next one is read: together they may be large. */
  readReports<T>(paths: readonly string[], use: (report: SavedReport) => T): Promise<readonly T[]>
}

/** Bytes of the largest report in a repository, of 5,000 images at three targets: JSON of that size from a stranger takes two gigabytes of memory. */
export const LARGEST_REPORT = 64 * 1024 * 1024
