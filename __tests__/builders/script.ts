import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'

/** A folder of its own for one test, removed after it. */
export async function temporaryFolder(context: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'a folder '))
  context.after(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** A program named `cosign` in a folder, written as a shell script; returns its path. */
export async function writeScript(folder: string, lines: string): Promise<string> {
  const path = join(folder, 'cosign')
  await writeFile(path, `#!/bin/sh\n${lines}\n`)
  await chmod(path, 0o755)
  return path
}
