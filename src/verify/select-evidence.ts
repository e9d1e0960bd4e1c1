import type { SignedEntity } from '@sigstore/verify'
import type { TrustedSigner } from '../policy/trusted-signer.ts'
import type { LogEntries, OpenEvidence, Timestamps } from './open-signature.ts'

/** Evidence that has to hold, all of it. */
export type Evidence = Pick<SignedEntity, 'tlogEntries' | 'timestamps'>

/**
 * What has to hold for this signer, in the order in which it is tried: one of these is enough. A sentence instead when something is missing.
 * What is not asked for is left out, so that it cannot fail: a key needs nothing unless the policy says so, a certificate always a time.
 */
export function selectEvidence(found: OpenEvidence, signer: TrustedSigner): readonly Evidence[] | string {
  const log = signer.transparency === 'rekor' ? requireEntries(found) : undefined
  if (typeof log === 'string') return log
  const authority = signer.timestamp === 'required' ? requireTimestamps(found) : undefined
  if (typeof authority === 'string') return authority
  const asked = { tlogEntries: log?.all ?? [], timestamps: authority ?? [] }
  if (signer.by === 'key' || authority !== undefined) return [asked]
  if (log !== undefined && log.times.length > 0) return [{ ...asked, timestamps: log.times }]
  return anyTime(found, asked)
}

/** A time for a certificate: by an authority, or where no entry is asked for by a log. */
function anyTime({ entries, timestamps }: OpenEvidence, asked: Evidence): readonly Evidence[] | string {
  const stamped = typeof timestamps === 'string' || timestamps.length === 0 ? [] : [{ ...asked, timestamps }]
  const logged =
    asked.tlogEntries.length > 0 || typeof entries === 'string' || entries.times.length === 0
      ? []
      : [{ tlogEntries: entries.all, timestamps: entries.times }]
  const either = [...stamped, ...logged]
  if (either.length > 0) return either
  if (typeof timestamps === 'string') return `its timestamps are ${timestamps}`
  if (typeof entries === 'string') return `its log entries are ${entries}`
  return 'nothing proves that its certificate was valid when it was used: it has neither a timestamp nor a log entry that states a time'
}

function requireEntries({ entries }: OpenEvidence): LogEntries | string {
  if (typeof entries === 'string') return `its log entries are ${entries}`
  return entries.all.length === 0
    ? 'it has no entry in a transparency log, and the policy asks for one'
    : entries
}

function requireTimestamps({ timestamps }: OpenEvidence): Timestamps | string {
  if (typeof timestamps === 'string') return `its timestamps are ${timestamps}`
  return timestamps.length === 0
    ? 'it has no timestamp by a timestamp authority, and the policy asks for one'
    : timestamps
}
