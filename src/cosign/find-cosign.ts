import { constants } from 'node:fs'
import { access, stat } from 'node:fs/promises'
import { delimiter, join, resolve } from 'node:path'
import { PromotionError } from '../errors.ts'
import { type Environment, runCosign } from './run-cosign.ts'

/** A cosign binary that was tried, and the version it gives itself, such as `v3.1.3`. */
export interface CosignBinary {
  readonly path: string
  readonly version: string
}

/** The flags this program gives were tried with this major version; others have other defaults. */
const MAJOR_VERSION = 3
const FILE_NAME = process.platform === 'win32' ? 'cosign.exe' : 'cosign'

/** The cosign at `path`, or the first on the PATH of `environment`. Throws a PromotionError of kind `input` unless it is a cosign 3. */
export async function findCosign(path: string | undefined, environment: Environment): Promise<CosignBinary> {
  const found = path === undefined ? await searchPath(environment.PATH ?? '') : resolve(path)
  if (found === undefined) {
    throw notUsable(
      'There is no cosign on the PATH',
      'Install it (sigstore/cosign-installer), or say where it is with cosign-path.',
    )
  }
  if (!(await isExecutable(found))) {
    throw notUsable(
      `${found} is not a program that can be run`,
      'Give the path of the cosign binary as cosign-path.',
    )
  }
  const version = await readVersion(found, environment)
  if (!version.startsWith(`v${MAJOR_VERSION}.`)) {
    throw notUsable(
      `${found} is cosign ${version}, not cosign ${MAJOR_VERSION}`,
      `Install cosign ${MAJOR_VERSION}, or use signer: native.`,
    )
  }
  return { path: found, version }
}

async function searchPath(path: string): Promise<string | undefined> {
  for (const folder of path.split(delimiter)) {
    const candidate = join(folder, FILE_NAME)
    // An empty entry of the PATH means the working directory, where no program is looked for.
    if (folder !== '' && (await isExecutable(candidate))) return candidate
  }
  return undefined
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

async function readVersion(path: string, environment: Environment): Promise<string> {
  const hint = 'Give the path of a released cosign 3 as cosign-path.'
  try {
    const output = await runCosign(path, ['version', '--json'], { environment })
    const version = /"gitVersion": *"([^"\s]+)"/.exec(output)?.[1]
    if (version !== undefined) return version
  } catch (cause) {
    throw notUsable(`${path} does not run as cosign does`, hint, cause)
  }
  throw notUsable(`${path} does not tell its version`, hint)
}

function notUsable(message: string, hint: string, cause?: unknown): PromotionError {
  return new PromotionError('input', message, { hint, cause })
}
