import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/**
 * Lets `use` work with files that nobody else can read, in a folder of their own, and removes it afterwards, also after a failure.
 * `folder` is undefined when there is no file to write.
 */
export async function withPrivateFiles<T>(
  files: Readonly<Record<string, string>>,
  parent: string | undefined,
  use: (folder: string | undefined) => Promise<T>,
): Promise<T> {
  if (Object.keys(files).length === 0) return use(undefined)
  // mkdtemp makes folders with mode 0700.
  const folder = await mkdtemp(join(parent ?? tmpdir(), 'signed-promote-'))
  try {
    for (const [name, text] of Object.entries(files)) {
      await writeFile(join(folder, name), text, { mode: 0o600 })
    }
    return await use(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
