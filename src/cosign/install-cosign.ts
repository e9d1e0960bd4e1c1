import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { chmod, copyFile, mkdir, mkdtemp, open, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { PromotionError } from '../errors.ts'
import { besideThenRename } from '../files/beside.ts'
import { codeOf } from '../files/system-error.ts'
import type { CosignSettings } from '../inputs/settings.ts'
import { type CosignRelease, pinnedRelease, releasedPlatforms } from './cosign-releases.ts'
import { download } from './download.ts'
import type { Environment } from './run-cosign.ts'
import { userCache } from './user-cache.ts'

/** Which cosign is wanted, and for which machine. */
export interface WantedCosign {
  readonly settings: Pick<CosignSettings, 'release' | 'mirror'>
  /** As releases name it, such as `linux-amd64`. */
  readonly platform: string
  /** RUNNER_TOOL_CACHE and RUNNER_TEMP in a job, otherwise the folders of the user. */
  readonly environment: Environment
}

const RELEASES = 'https://github.com/sigstore/cosign/releases/download'
const VERSION = /^v?(\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?)$/
const CHECKSUM = /^[0-9a-f]{64}$/
/** A folder of our own in the runner's tool cache: what others keep there is not ours to replace. */
const TOOL = 'signed-promote-cosign'

/**
 * The path of a released cosign with the right checksum: from the cache, or downloaded. A file in the cache that has been changed is
 * downloaded anew. Throws a PromotionError when no such binary can be had, and then nothing of it stays: of kind `registry` when the download
 * failed and may succeed later, otherwise of kind `input`.
 */
export async function installCosign({ settings, platform, environment }: WantedCosign): Promise<string> {
  const release = chooseRelease(settings, platform)
  const name = `cosign-${platform}${platform.startsWith('windows') ? '.exe' : ''}`
  const folder = join(cacheFolder(environment), release.version)
  const path = join(folder, name)
  if ((await checksumOf(path)) === release.checksum) return path
  const url = `${mirrorOf(settings)}/v${release.version}/${name}`
  const temporary = await mkdtemp(join(environment.RUNNER_TEMP ?? tmpdir(), 'signed-promote-'))
  try {
    const file = join(temporary, name)
    await download(url, file, environment)
    await requireChecksum(file, url, release)
    await mkdir(folder, { recursive: true })
    await putWhole(file, path)
  } finally {
    await rm(temporary, { recursive: true, force: true })
  }
  await requireChecksum(path, path, release)
  return path
}

function chooseRelease({ release }: WantedCosign['settings'], platform: string): CosignRelease {
  const chosen = release ?? pinnedRelease(platform)
  if (chosen === undefined) {
    throw notInstalled(
      `There is no released cosign for ${platform}, only for ${releasedPlatforms().join(', ')}`,
      'Build one, and say where it is with `cosign-path`.',
    )
  }
  const version = VERSION.exec(chosen.version)?.[1]
  const checksum = chosen.checksum.toLowerCase()
  if (version !== undefined && CHECKSUM.test(checksum)) return { version, checksum }
  throw notInstalled(
    `"${chosen.version}" with the checksum "${chosen.checksum}" is no release of cosign`,
    'Give `cosign-version` as 3.1.3, and `cosign-checksum` as the 64 digits of the SHA-256 of its binary.',
  )
}

function mirrorOf({ mirror }: WantedCosign['settings']): string {
  if (mirror === undefined) return RELEASES
  const url = URL.canParse(mirror) ? new URL(mirror) : undefined
  if (url !== undefined && /^https?:$/.test(url.protocol) && url.username + url.password === '') {
    return `${url.origin}${url.pathname.replace(/\/+$/, '')}`
  }
  throw notInstalled(
    '`cosign-mirror` is not the URL of a web server',
    'Write it as https://host/path, without a user; below it lies vX.Y.Z/cosign-OS-ARCH as at GitHub.',
  )
}

function cacheFolder(environment: Environment): string {
  return join(environment.RUNNER_TOOL_CACHE || userCache(environment), TOOL)
}

/** Whoever looks at the path sees the whole file or none. */
async function putWhole(file: string, path: string): Promise<void> {
  await besideThenRename(path, async (temporary) => {
    // The two may be on different disks, where a file cannot be renamed.
    await copyFile(file, temporary)
    await chmod(temporary, 0o755)
  })
}

/** In hexadecimal; undefined when there is no such file. */
async function checksumOf(path: string): Promise<string | undefined> {
  const hash = createHash('sha256')
  try {
    await pipeline(createReadStream(path), hash)
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT') return undefined
    throw notInstalled(`${path} cannot be read`, 'Remove it: it is downloaded again.', cause)
  }
  return hash.digest('hex')
}

async function requireChecksum(file: string, source: string, { checksum }: CosignRelease): Promise<void> {
  const actual = await checksumOf(file)
  if (actual === checksum) return
  const { size } = await stat(file)
  const what = (await looksLikeText(file)) ? 'a text, such as the page of a proxy' : 'another file'
  throw notInstalled(
    `${source} is ${what}: ${size} bytes with the SHA-256 ${actual}, instead of ${checksum}`,
    'Nothing was installed: run again, and if it stays so check `cosign-mirror`, `cosign-version` and `cosign-checksum`.',
  )
}

/** Programs begin with bytes that are no text. */
async function looksLikeText(file: string): Promise<boolean> {
  const handle = await open(file)
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(4), 0, 4, 0)
    return bytesRead > 0 && /^\s*[<{"A-Za-z]/.test(buffer.toString('latin1', 0, bytesRead))
  } finally {
    await handle.close()
  }
}

function notInstalled(message: string, hint: string, cause?: unknown): PromotionError {
  return new PromotionError('input', message, { hint, cause })
}
