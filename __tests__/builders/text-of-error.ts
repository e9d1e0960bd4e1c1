/** All that a log or a debugger could show of an error: its own message, hint and stack, and those of its causes. */
export function textOfError(thrown: unknown): string {
  const texts: string[] = []
  for (let error = thrown; error instanceof Error; error = error.cause) {
    texts.push(error.message, 'hint' in error ? String(error.hint) : '', error.stack ?? '')
  }
  return texts.join('\n')
}
