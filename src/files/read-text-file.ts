import { constants } from 'node:fs'
import { type FileHandle, lstat, realpath } from 'node:fs/promises'
import { resolve } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { PromotionError } from '../errors.ts'
import { fileProblem, unreadableFile } from './file-problem.ts'
import { isInside } from './is-inside.ts'
import { keepHeapSmall } from './keep-heap-small.ts'
import { openRegular } from './open-regular.ts'

const MIB = 1024 * 1024
/** Bytes of the largest file that people write; what programs write may be larger. */
const LIMIT = 2 * MIB

const TOO_LARGE =
  'Split a list into several files; a plan or a report of that size was not written by this program.'

/** A file's text, and where it really lies, links followed. */
export interface TextFile {
  readonly path: string
  readonly text: string
}

/**
 * Reads a regular UTF-8 file of at most 2 MiB, or of as many bytes as are said, whose path starts at the working directory; a symbolic link must
 * end inside of it. Throws a PromotionError of kind `input` with the file as its place.
 */
export async function readTextFile(file: string, workingDirectory: string, limit = LIMIT): Promise<TextFile> {
  const path = await resolveFile(file, workingDirectory)
  const bytes = await readRegularFile(path, file, limit)
  keepHeapSmall(bytes.byteLength)
  try {
    return { path, text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes) }
  } catch (error) {
    throw fileProblem(file, 'is not UTF-8 text', 'Save it as UTF-8.', error)
  }
}

/** The file's real path. Repositories are often not trusted: a link in one must not lead to the runner's other files. */
async function resolveFile(file: string, workingDirectory: string): Promise<string> {
  const path = resolve(workingDirectory, file)
  try {
    const real = await realpath(path)
    const isLink = (await lstat(path)).isSymbolicLink()
    const mustStayInside = isLink || isInside(path, resolve(workingDirectory))
    if (!mustStayInside || isInside(real, await realpath(workingDirectory))) return real
  } catch (error) {
    throw unreadableFile(file, error)
  }
  const why = 'is a symbolic link that leads out of the working directory'
  throw fileProblem(file, why, 'Give the path of the file itself.')
}

async function readRegularFile(path: string, file: string, limit: number): Promise<Uint8Array> {
  let handle: FileHandle | undefined
  try {
    handle = await openRegular(path, constants.O_NOFOLLOW)
    if (handle === undefined)
      throw fileProblem(file, 'is not a regular file', 'Give the path of a file with text in it.')
    const { size } = await handle.stat()
    const bytes = size > limit ? undefined : await readAtMost(handle, size, limit)
    if (bytes === undefined) throw tooLarge(file, limit)
    return bytes
  } catch (error) {
    throw error instanceof PromotionError ? error : unreadableFile(file, error)
  } finally {
    await handle?.close()
  }
}

/** As much as there is, which can be more than the system said when the file was opened. */
async function readAtMost(handle: FileHandle, said: number, limit: number): Promise<Uint8Array | undefined> {
  // One piece of memory for all of it, since reports of thousands of images are read one after the other.
  const bytes = Buffer.allocUnsafe(said + 1)
  let read = 0
  while (read < bytes.byteLength) {
    const { bytesRead } = await handle.read(bytes, read)
    if (bytesRead === 0) return bytes.subarray(0, read)
    read += bytesRead
  }
  const rest = await buffer(handle.createReadStream({ autoClose: false, start: read, end: limit }))
  return read + rest.byteLength > limit ? undefined : Buffer.concat([bytes, rest])
}

function tooLarge(file: string, limit: number): PromotionError {
  return fileProblem(file, `is larger than ${limit / MIB} MiB`, TOO_LARGE)
}
