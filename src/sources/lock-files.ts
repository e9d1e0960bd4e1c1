import { constants } from 'node:fs'
import { type FileHandle, lstat, open, realpath } from 'node:fs/promises'
import { isAbsolute, relative, resolve } from 'node:path'
import { glob } from 'glob'
import { PromotionError } from '../errors.ts'
import type { SourceProblems } from '../yaml/source-problems.ts'
import { YAML_LIMIT } from '../yaml/yaml.ts'

/** A lock and the name by which messages call it: its path as given, or as the pattern found it. */
export interface LockFile {
  readonly file: string
  /** Where it really lies, links followed. */
  readonly path: string
  readonly text: string
}

const PATTERN = /[*?[\]{}]/

/**
 * Reads the files that paths and glob patterns name, in the order given and each once; a pattern's files come sorted. Only regular
 * UTF-8 files of at most 2 MiB are read; a symbolic link must end inside the working directory. What cannot be read goes to
 * `problems`, and the rest is returned; a pattern that finds nothing is a problem too.
 */
export async function readLockFiles(
  patterns: readonly string[],
  workingDirectory: string,
  problems: SourceProblems,
): Promise<readonly LockFile[]> {
  const files = new Map<string, LockFile>()
  for (const pattern of patterns) {
    for (const file of await findFiles(pattern, workingDirectory, problems)) {
      try {
        const path = await resolveFile(file, workingDirectory)
        if (!files.has(path)) files.set(path, { file, path, text: await readText(path, file) })
      } catch (error) {
        problems.note(error)
      }
    }
  }
  return [...files.values()]
}

/** A file that has the pattern for its name is taken at its word. */
async function findFiles(
  pattern: string,
  workingDirectory: string,
  problems: SourceProblems,
): Promise<readonly string[]> {
  if (!PATTERN.test(pattern) || (await isThere(resolve(workingDirectory, pattern)))) return [pattern]
  const found = await glob(pattern, {
    cwd: workingDirectory,
    nodir: true,
  })
  if (found.length === 0) {
    const hint = 'Correct the pattern, or check that the locks are made before this step.'
    problems.add(undefined, `No file matches "${pattern}" in ${workingDirectory}`, hint)
  }
  return found.sort()
}

async function isThere(path: string): Promise<boolean> {
  try {
    await lstat(path)
    return true
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return false
    throw unreadable(path, error)
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
    throw unreadable(file, error)
  }
  throw refused(
    file,
    'is a symbolic link that leads out of the working directory',
    'Give the path of the file itself.',
  )
}

function isInside(path: string, directory: string): boolean {
  const way = relative(directory, path)
  return way !== '..' && !/^\.\.[\\/]/.test(way) && !isAbsolute(way)
}

async function readText(path: string, file: string): Promise<string> {
  const bytes = await readRegularFile(path, file)
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (error) {
    throw refused(file, 'is not UTF-8 text', 'Save it as UTF-8.', error)
  }
}

/** Opens without waiting, so that a FIFO cannot hang the run, and asks the open file what it is, so that nothing can be swapped. */
async function readRegularFile(path: string, file: string): Promise<Uint8Array> {
  let handle: FileHandle | undefined
  try {
    handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW)
    const stats = await handle.stat()
    if (!stats.isFile()) throw refused(file, 'is not a regular file', 'Give the path of a lock file.')
    if (stats.size > YAML_LIMIT) throw tooLarge(file)
    return await readAtMost(handle, file)
  } catch (error) {
    throw error instanceof PromotionError ? error : unreadable(file, error)
  } finally {
    await handle?.close()
  }
}

async function readAtMost(handle: FileHandle, file: string): Promise<Uint8Array> {
  const buffer = new Uint8Array(YAML_LIMIT + 1)
  let length = 0
  while (length < buffer.length) {
    const { bytesRead } = await handle.read(buffer, length, buffer.length - length)
    if (bytesRead === 0) return buffer.subarray(0, length)
    length += bytesRead
  }
  throw tooLarge(file)
}

function tooLarge(file: string): PromotionError {
  return refused(file, 'is larger than 2 MiB', 'Split it into several files.')
}

function refused(file: string, why: string, hint: string, cause?: unknown): PromotionError {
  return new PromotionError('input', `The file ${why}`, { hint, cause, location: { file } })
}

function unreadable(file: string, cause: unknown): PromotionError {
  if (codeOf(cause) === 'ENOENT') {
    return refused(
      file,
      'does not exist',
      'Correct the path; it is relative to the working directory.',
      cause,
    )
  }
  // The system's message ends with the call and the path, which the location says already.
  const reason = cause instanceof Error ? cause.message.replace(/, \w+( '.*')?$/s, '') : String(cause)
  return refused(file, `cannot be read: ${reason}`, 'Check the path and its permissions.', cause)
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined
}
