import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'

/**
 * Opens a file for reading, and undefined for what is no regular file; without waiting, so that a FIFO cannot hang the run, and asking the
 * open file what it is, so that nothing can be swapped. `flags` are more of the system's. Throws what the system throws.
 */
export async function openRegular(path: string, flags = 0): Promise<FileHandle | undefined> {
  const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK | flags)
  try {
    if ((await handle.stat()).isFile()) return handle
  } catch (cause) {
    await handle.close()
    throw cause
  }
  await handle.close()
  return undefined
}
