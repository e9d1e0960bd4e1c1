import type { SignedEntity } from '@sigstore/verify'

/** A signature, taken apart: nothing of it is proven yet. Where a part is malformed a sentence says so, because not every signer needs each part. */
export interface OpenSignature {
  /** What made it, as it says itself. */
  readonly by: 'key' | 'certificate'
  readonly signed: Signed | string
  readonly evidence: OpenEvidence
}

/** A signature without evidence, in the library's form, and what it is over. */
export interface Signed {
  readonly entity: SignedEntity
  /** The certificate in DER; undefined with a key. */
  readonly certificate: Uint8Array | undefined
  readonly content: SignedContent
}

/** What was signed: cosign's payload itself, or a statement inside an envelope. */
export type SignedContent =
  | { readonly kind: 'payload'; readonly bytes: Uint8Array }
  | { readonly kind: 'statement'; readonly payloadType: string; readonly bytes: Uint8Array }

/** What came with a signature; a sentence where it cannot be read. */
export interface OpenEvidence {
  readonly entries: LogEntries | string
  readonly timestamps: Timestamps | string
}

/** Entries in transparency logs, and the times that some of them state. */
export interface LogEntries {
  readonly all: SignedEntity['tlogEntries']
  readonly times: Timestamps
}

/** Times by timestamp authorities and by logs. */
export type Timestamps = SignedEntity['timestamps']
