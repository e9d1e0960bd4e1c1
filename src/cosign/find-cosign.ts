import { constants } from 'node:fs'
import { access, stat } from 'node:fs/promises'
import { delimiter, join, resolve } from 'node:path'
import { PromotionError } from '../errors.ts'
import type { CosignSettings } from '../inputs/settings.ts'
import { releasePlatform } from './cosign-releases.ts'
import { installCosign } from './install-cosign.ts'
import { callCosign, describeFailure, type Environment } from './run-cosign.ts'

/** A cosign binary that was tried, and the version it gives itself, such as `v3.1.3`. */
export interface CosignBinary {
  readonly path: string
  readonly version: string
}

/** The flags this program gives were tried with this major version; others have other defaults. */
const MAJOR_VERSION = 3
const FILE_NAME = process.platform === 'win32' ? 'cosign.exe' : 'cosign'

/**
 * The cosign at the path that was given, or the release that was asked for, or the first cosign 3 on the PATH of `environment`, or the release
 * that this program knows. Throws a PromotionError of kind `input` when that is no cosign 3, or cannot be had, and of kind `registry` when its
 * download failed.
 */
export async function findCosign(settings: CosignSettings, environment: Environment): Promise<CosignBinary> {
  if (settings.path !== undefined) return tryBinary(resolve(settings.path), environment)
  // A version that was asked for with its checksum is not to be had from the PATH, where nobody knows what a file is.
  const found = settings.release ? undefined : await searchPath(environment)
  if (found !== undefined) return found
  const platform = releasePlatform(process.platform, process.arch)
  return tryBinary(await installCosign({ settings, platform, environment }), environment)
}

/** Other versions on the PATH, and what only is called cosign, are passed over. */
async function searchPath(environment: Environment): Promise<CosignBinary | undefined> {
  for (const folder of (environment.PATH ?? '').split(delimiter)) {
    // An empty entry of the PATH means the working directory, where no program is looked for.
    const path = folder === '' ? undefined : join(folder, FILE_NAME)
    if (path === undefined || !(await isExecutable(path))) continue
    const binary = await readVersion(path, environment)
    if (typeof binary !== 'string' && isRight(binary)) return binary
  }
  return undefined
}

async function tryBinary(path: string, environment: Environment): Promise<CosignBinary> {
  if (!(await isExecutable(path))) {
    throw notUsable(
      `${path} is not a program that can be run`,
      'Give the path of the cosign binary as `cosign-path`.',
    )
  }
  const binary = await readVersion(path, environment)
  if (typeof binary === 'string') {
    throw notUsable(
      `${path} does not tell its version as cosign does: ${binary}`,
      'Give the path of a released cosign 3 as `cosign-path`.',
    )
  }
  if (isRight(binary)) return binary
  throw notUsable(
    `${path} is cosign ${binary.version}, not cosign ${MAJOR_VERSION}`,
    `Use a cosign ${MAJOR_VERSION}, or \`signer: native\`.`,
  )
}

function isRight({ version }: CosignBinary): boolean {
  return version.startsWith(`v${MAJOR_VERSION}.`)
}

/** Whatever the reason why it cannot be run, the answer is the same. */
async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK)
    return (await stat(path)).isFile()
  } catch {
    return false
  }
}

/** What it calls itself, or why it is not known. */
async function readVersion(path: string, environment: Environment): Promise<CosignBinary | string> {
  const args = ['version', '--json']
  const outcome = await callCosign(path, args, { environment }).catch((cause: unknown) => wordsOf(cause))
  if (typeof outcome === 'string') return outcome
  const version = /"gitVersion": *"([^"\s]+)"/.exec(outcome.stdout)?.[1]
  return outcome.exitCode === 0 && version !== undefined
    ? { path, version }
    : describeFailure('version', outcome)
}

function wordsOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}

function notUsable(message: string, hint: string): PromotionError {
  return new PromotionError('input', message, { hint })
}
