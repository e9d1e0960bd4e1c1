import { randomUUID } from 'node:crypto'
import { rename, rm } from 'node:fs/promises'

/** Lets `use` have the path of a file beside another one, which nobody can guess and which is not there yet; leaves nothing there. */
export async function beside(path: string, use: (temporary: string) => Promise<void>): Promise<void> {
  const temporary = `${path}.${randomUUID()}.tmp`
  try {
    await use(temporary)
  } finally {
    await rm(temporary, { force: true })
  }
}

/** Puts what `write` writes in the place of a file, or nothing where it fails: beside it first, then renamed, so that nobody sees half of it. */
export function besideThenRename(path: string, write: (temporary: string) => Promise<void>): Promise<void> {
  return beside(path, async (temporary) => {
    await write(temporary)
    await rename(temporary, path)
  })
}
