import { createHash } from 'node:crypto'
import type { PromotionError } from '../errors.ts'
import type { Descriptor } from '../oci/descriptor.ts'
import { algorithmOf, hexOf } from '../oci/digest.ts'

/** What happens to content that is checked. */
export interface Checking {
  /** Makes an error of what is wrong with it. */
  readonly wrong: (why: string) => PromotionError
  /** Ends it with the signal's reason. */
  readonly signal: AbortSignal
}

/** The same bytes; throws what `wrong` makes of the reason, at the latest at their end, when they are not those of the descriptor. */
export async function* checkedContent(
  content: AsyncIterable<Uint8Array>,
  { digest, size }: Descriptor,
  { wrong, signal }: Checking,
): AsyncGenerator<Uint8Array> {
  const hash = createHash(algorithmOf(digest))
  let read = 0
  for await (const chunk of content) {
    signal.throwIfAborted()
    read += chunk.byteLength
    if (read > size) throw wrong(`more than the ${size} bytes of ${digest}`)
    hash.update(chunk)
    yield chunk
  }
  if (read < size) throw wrong(`${read} bytes instead of the ${size} of ${digest}`)
  const hex = hash.digest('hex')
  if (hex !== hexOf(digest)) throw wrong(`other bytes, of the digest ${hex}, for ${digest}`)
}
