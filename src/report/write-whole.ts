import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { PromotionError } from '../errors.ts'

/** Only the user may read what the run wrote, as imgpkg does with its locks. */
const MODE = 0o600

/** Writes a file so that nobody sees half of it: beside its place first, then renamed; missing folders are made. Throws a PromotionError of kind `input`. */
export async function writeWhole(path: string, text: string): Promise<void> {
  const beside = `${path}.${process.pid}.tmp`
  try {
    await mkdir(dirname(path), { recursive: true })
    await writeFile(beside, text, { mode: MODE })
    await rename(beside, path)
  } catch (cause) {
    await rm(beside, { force: true })
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new PromotionError('input', `The file ${path} cannot be written: ${reason}`, {
      cause,
      hint: 'Give a path in a folder that may be written to.',
    })
  }
}
