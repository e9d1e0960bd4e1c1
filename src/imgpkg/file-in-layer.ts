import { posix } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { extract } from 'tar-stream'
import { PromotionError } from '../errors.ts'

const MEBIBYTE = 1024 * 1024
/** Bytes that are decompressed at a time: with fewer, most of the time goes into waiting for the next ones. */
const CHUNK = 256 * 1024
/** Mebibytes of a layer, decompressed: what is compressed can be a thousand times as much. */
const MOST_MEBIBYTES = 128
/** Mebibytes of the one file that is kept. */
const LARGEST_FILE = 2

/**
 * The one file of a gzip tar layer at a path; undefined when there is none. The layer is read to its end, because only there its digest is
 * known to be right, and because a second file of that path would be the one that others read. Throws a PromotionError of kind `input` for
 * what is no gzip tar, and beyond 128 MiB of it or 2 MiB of the file; `where` names the layer. `onBytes` is told how many bytes were
 * decompressed, and may throw a PromotionError too.
 */
export async function fileInLayer(
  layer: AsyncIterable<Uint8Array>,
  path: string,
  where: string,
  onBytes: (size: number) => void = () => {},
): Promise<Buffer | undefined> {
  const found: Buffer[] = []
  const files = extract()
  files.on('entry', (header, entry, next) => {
    const isWanted = header.type === 'file' && posix.normalize(header.name) === path
    const reading = isWanted ? readEntry(entry, where).then((file) => found.push(file)) : skip(entry)
    reading.then(() => next(), next)
  })
  try {
    await pipeline(
      layer,
      createGunzip({ chunkSize: CHUNK }),
      (chunks) => bounded(chunks, where, onBytes),
      files,
    )
  } catch (thrown) {
    if (thrown instanceof PromotionError) throw thrown
    throw unreadable(where, `is no gzip tar: ${thrown instanceof Error ? thrown.message : thrown}`, thrown)
  }
  const [file, second] = found
  if (second !== undefined) throw unreadable(where, `holds ${path} twice`)
  return file
}

async function readEntry(entry: AsyncIterable<unknown>, where: string): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of entry) {
    if (!(chunk instanceof Uint8Array)) continue
    size += chunk.byteLength
    if (size > LARGEST_FILE * MEBIBYTE)
      throw unreadable(where, `holds a file of more than ${LARGEST_FILE} MiB`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

async function skip(entry: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of entry) {
    // The next file begins where this one ends.
  }
}

async function* bounded(
  chunks: AsyncIterable<Uint8Array>,
  where: string,
  onBytes: (size: number) => void,
): AsyncGenerator<Uint8Array> {
  let size = 0
  for await (const chunk of chunks) {
    size += chunk.byteLength
    if (size > MOST_MEBIBYTES * MEBIBYTE) throw unreadable(where, `is more than ${MOST_MEBIBYTES} MiB`)
    onBytes(chunk.byteLength)
    yield chunk
  }
}

function unreadable(where: string, why: string, cause?: unknown): PromotionError {
  return new PromotionError('input', `${where} ${why}`, {
    cause,
    hint: 'Push the bundle again with imgpkg.',
  })
}
