import type { FallbackReport } from './broken-fallback.ts'

/** What is wrong with a fallback tag, in one sentence. */
export function describeFallback({ tag, subject, found, digest, since, ...rest }: FallbackReport): string {
  const { falseEntries, hidden } = rest
  if (found === 'false entries') {
    return `${tag} lists ${falseEntries.length} referrers of ${subject} that are not there or refer to something else`
  }
  const what = found === 'unreadable' ? 'something that cannot be read' : 'an image'
  const which = digest === null ? '' : ` (${digest})`
  const when =
    since === null ? '' : `, made at ${since}, so that it has stood there since then at the earliest`
  const hides = hidden.length === 0 ? '' : `; it hides at least ${hidden.length} of them`
  return `${tag} holds ${what}${which} where the list of the referrers of ${subject} belongs${when}${hides}`
}
