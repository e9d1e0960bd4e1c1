/** The report of one run, and the name by which messages call it. */
export interface SavedReport {
  readonly name: string
  readonly text: string
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
  /** Hangs a report on a plan in a repository; `file` is the name it gets on a disk. Does nothing for a plan in a file. */
  saveReport(plan: string, file: string, text: string): Promise<void>
  /**
   * All reports that hang on a plan in a repository, in an order that says nothing, and behind them those that paths and glob patterns
   * name. Whoever pushed to the repository can have hung one there; a part of the plan that was run twice has two.
   */
  readReports(plan: string, paths: readonly string[]): Promise<readonly SavedReport[]>
}

/** Bytes of the largest plan or report that is read; a plan of 10,000 images for three targets may have half of it. */
export const LARGEST_TEXT = 128 * 1024 * 1024
