import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { PromotionError } from '../errors.ts'

/** Only the user may read what the run wrote, as imgpkg does with its locks. */
const MODE = 0o600

/** Writes a file so that nobody sees half of it: beside its place first, then renamed. Throws a PromotionError of kind `input`. */
export async function writeWhole(path: string, text: string): Promise<void> {
  await beside(path, async (temporary) => {
    await writeFile(temporary, text, { mode: MODE })
    await rename(temporary, path)
  })
}

/**
 * Makes the folders of files that will be written at the end, and tries to write there: better to know before anything else is
 * done. Throws a PromotionError of kind `input`.
 */
export async function requireWritable(paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    await mkdir(dirname(path), { recursive: true }).catch((cause: unknown) => {
      throw unwritable(path, cause)
    })
    await beside(path, (temporary) => writeFile(temporary, '', { mode: MODE }))
  }
}

/** Runs with a path beside the file's own, and leaves nothing there. */
async function beside(path: string, write: (temporary: string) => Promise<void>): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`
  try {
    await write(temporary)
  } catch (cause) {
    throw unwritable(path, cause)
  } finally {
    await rm(temporary, { force: true })
  }
}

function unwritable(path: string, cause: unknown): PromotionError {
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new PromotionError('input', `The file ${path} cannot be written: ${reason}`, {
    cause,
    hint: 'Give a path in a folder that may be written to.',
  })
}
