/** The system's name for what went wrong, such as `ENOENT`; undefined for an error that is not the system's. */
export function codeOf(cause: unknown): unknown {
  return cause instanceof Error && 'code' in cause ? cause.code : undefined
}

/** Whether the system says that a file, or a folder above it, does not exist. */
export function isMissing(cause: unknown): boolean {
  const code = codeOf(cause)
  return code === 'ENOENT' || code === 'ENOTDIR'
}
