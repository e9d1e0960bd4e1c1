/** What the manifest of a report says of it, so that not all have to be read: the part of the plan, and when it was hung there (RFC 3339). */
export const REPORT_ANNOTATIONS = {
  part: 'vnd.signed-promote.part',
  /** OCI image specification, annotations.md. */
  savedAt: 'org.opencontainers.image.created',
} as const
