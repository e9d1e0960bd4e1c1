import type { CopyOptions } from '../../src/copy/copy-images.ts'

/** A copy that reads back all that it brings, and tells nobody of its bytes. */
export const FULL_PROOF: CopyOptions = {
  sent: 'full',
  mounted: 'full',
  signal: new AbortController().signal,
  onBytes: () => {},
}
