import type { FileHandle } from 'node:fs/promises'

/** Bytes that are read at a time. */
const CHUNK = 256 * 1024

/** The bytes of a file from an offset on, at most `length` of them; ends early where the file does. */
export async function* readRange(
  file: FileHandle,
  offset: number,
  length: number,
): AsyncGenerator<Uint8Array> {
  for (let done = 0; done < length; ) {
    // A new buffer each time: whoever was given the last one may still hold it.
    const size = Math.min(CHUNK, length - done)
    const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(size), 0, size, offset + done)
    if (bytesRead === 0) return
    done += bytesRead
    yield buffer.subarray(0, bytesRead)
  }
}
