import { formatReference } from '../oci/reference.ts'
import type { FallbackReport, FoundFallback } from './broken-fallback.ts'

/** What was found under a fallback tag and what was done about it, as plain data; `isKept` is undefined where nothing was written. */
export function reportFallback(found: FoundFallback, isKept?: boolean): FallbackReport {
  const { repository, tag, subject, standing, digest, since, falseEntries, hidden } = found
  return {
    tag: formatReference({ repository, tag }),
    subject,
    found: kindOf(standing),
    digest: digest ?? null,
    since: since?.toISOString() ?? null,
    falseEntries: falseEntries.map((entry) => entry.digest),
    hidden: hidden.map(({ descriptor }) => descriptor.digest),
    action: isKept === undefined ? 'left' : 'rebuilt',
    ...(isKept !== undefined && { isKept }),
  }
}

function kindOf(standing: FoundFallback['standing']): FallbackReport['found'] {
  if (standing === undefined) return 'unreadable'
  return standing.kind === 'index' ? 'false entries' : 'no index'
}
