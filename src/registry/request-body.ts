import type { Exchange } from './exchange.ts'

/** The bytes, or how to open them from their beginning, which is done once an attempt, together with their number. */
export type RequestBody =
  | Uint8Array
  | { readonly open: () => AsyncIterable<Uint8Array>; readonly size: number }

/** A body as it goes out. */
interface SentBody {
  readonly body: Uint8Array | AsyncIterable<Uint8Array> | null
  /** The Content-Length, where it cannot be told from the body itself. */
  readonly length: string | undefined
}

/** Bytes up to which a body is sent at once; a longer one goes in pieces, which shows whether it moves. */
const AT_ONCE = 256 * 1024
const PIECE = 64 * 1024
const NO_BODY: SentBody = { body: null, length: undefined }

/** Whether the bytes come from elsewhere while they are sent. */
export function isTransferred(body: RequestBody | undefined): boolean {
  return body !== undefined && !(body instanceof Uint8Array)
}

/** Opens a body for one exchange, which sees how it moves. */
export function sendBody(body: RequestBody | undefined, exchange: Exchange): SentBody {
  if (body === undefined) return NO_BODY
  if (!(body instanceof Uint8Array)) return inPieces(body.open(), body.size, exchange)
  if (body.byteLength > AT_ONCE) return inPieces(piecesOf(body), body.byteLength, exchange)
  return { body, length: undefined }
}

function inPieces(pieces: AsyncIterable<Uint8Array>, size: number, exchange: Exchange): SentBody {
  return { body: exchange.sending(pieces, size), length: String(size) }
}

async function* piecesOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.byteLength; at += PIECE) yield bytes.subarray(at, at + PIECE)
}
