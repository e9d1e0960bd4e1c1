import { mkdir, stat, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { type ErrorKind, PromotionError } from '../errors.ts'
import { beside, besideThenRename } from './beside.ts'

/** Only the user may read what the run wrote, as imgpkg does with its locks; and nothing is written through a link that lies there. */
const NEW = { mode: 0o600, flag: 'wx' } as const

/** What is written to try whether a file can be written: as much as the smallest file takes on most disks. */
const TRIAL = ' '.repeat(4096)

/** Characters that are written at a time. */
const PIECE = 64 * 1024

/** Writes a file so that nobody sees half of it. Throws a PromotionError of kind `incomplete`. */
export async function writeWhole(path: string, text: string): Promise<void> {
  try {
    await besideThenRename(path, (temporary) => writeFile(temporary, inPieces(text), NEW))
  } catch (cause) {
    throw unwritable('incomplete', path, cause)
  }
}

/**
 * Makes the folders of files that will be written at the end, and tries to write there: better to know before anything else is
 * done. Throws a PromotionError of kind `input`.
 */
export async function requireWritable(paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    try {
      await mkdir(dirname(path), { recursive: true })
      const obstacle = path.endsWith('/') ? 'it is a folder' : await obstacleAt(path)
      if (obstacle !== undefined) throw new Error(obstacle)
      await beside(path, (temporary) => writeFile(temporary, TRIAL, NEW))
    } catch (cause) {
      throw unwritable('input', path, cause)
    }
  }
}

/** A report of thousands of images is not kept in memory a second time as bytes. */
function* inPieces(text: string): Generator<string> {
  for (let start = 0, end = 0; start < text.length; start = end) {
    end = start + PIECE
    // The halves of one character stay together.
    if (/[\uD800-\uDBFF]/.test(text[end - 1] ?? '')) end += 1
    yield text.slice(start, end)
  }
}

/** Why the file must not be replaced: a device, such as /dev/null, would be gone for all who use it. */
async function obstacleAt(path: string): Promise<string | undefined> {
  const stats = await stat(path).catch(() => undefined)
  if (stats === undefined || stats.isFile()) return undefined
  return stats.isDirectory() ? 'it is a folder' : 'it is not a plain file'
}

function unwritable(kind: ErrorKind, path: string, cause: unknown): PromotionError {
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new PromotionError(kind, `The file ${path} cannot be written: ${reason}`, {
    cause,
    hint: 'Give a path in a folder that may be written to, on a disk with room.',
  })
}
