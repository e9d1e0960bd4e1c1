import { posix } from 'node:path'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { extract } from 'tar-stream'
import { PromotionError } from '../errors.ts'

const MEBIBYTE = 1024 * 1024
/** Mebibytes of a layer, decompressed: what is compressed can be a thousand times as much. */
const MOST_MEBIBYTES = 128
/** Mebibytes of the one file that is kept. */
const LARGEST_FILE = 2

/**
 * The one file of a gzip tar layer at a path; undefined when there is none. The layer is read to its end, because only there its digest is
 * known to be right, and because a second file of that path would be the one that others read. Throws a PromotionError of kind `input` for
 * what is no gzip tar, and beyond 128 MiB of it or 2 MiB of the file; `where` names the layer.
 */
export async function fileInLayer(
  layer: AsyncIterable<Uint8Array>,
  path: string,
  where: string,
): Promise<Buffer | undefined> {
  const found: Buffer[] = []
  const files = extract()
  files.on('entry', (header, entry, next) => {
    const isWanted = header.type === 'file' && posix.normalize(header.name) === path
    const reading = isWanted ? readEntry(entry, where).then((file) => found.push(file)) : skip(entry)
    reading.then(() => next(), next)
  })
  try {
    await pipeline(layer, createGunzip(), bounded(where), files)
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

function bounded(where: string): Transform {
  let size = 0
  return new Transform({
    transform: (chunk: Buffer, _encoding, done) => {
      size += chunk.byteLength
      if (size > MOST_MEBIBYTES * MEBIBYTE) done(unreadable(where, `is more than ${MOST_MEBIBYTES} MiB`))
      else done(null, chunk)
    },
  })
}

function unreadable(where: string, why: string, cause?: unknown): PromotionError {
  return new PromotionError('input', `${where} ${why}`, {
    cause,
    hint: 'Push the bundle again with imgpkg.',
  })
}
