import { homedir } from 'node:os'
import { join } from 'node:path'
import type { Environment } from './run-cosign.ts'

/** Where this program keeps what it has downloaded for a user. */
export function userCache({ XDG_CACHE_HOME, LOCALAPPDATA, HOME }: Environment): string {
  return join(XDG_CACHE_HOME || LOCALAPPDATA || join(HOME || homedir(), '.cache'), 'signed-promote')
}
