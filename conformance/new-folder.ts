import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Makes a folder to work in, which is the caller's to remove. */
export function newFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'signed-promote-'))
}
