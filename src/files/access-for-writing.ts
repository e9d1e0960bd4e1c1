import { access, constants } from 'node:fs/promises'
import { dirname } from 'node:path'
import { isMissing } from './system-error.ts'

/** Throws what the system says where something may not be written at a path, or, as long as nothing is there, in the next folder above it. */
export async function accessForWriting(path: string): Promise<void> {
  try {
    await access(path, constants.W_OK)
  } catch (cause) {
    const above = dirname(path)
    if (!isMissing(cause) || above === path) throw cause
    await accessForWriting(above)
  }
}
