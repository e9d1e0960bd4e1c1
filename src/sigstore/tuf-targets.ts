import { DEFAULT_MIRROR_URL, initTUF, type TUF } from '@sigstore/tuf'
import { PromotionError } from '../errors.ts'
import { isJsonObject } from '../oci/descriptor.ts'
import { readJson } from '../oci/read-json.ts'
import { readGivenFile } from './read-given-file.ts'

/** Files that a Sigstore instance publishes for its users, by their names. */
export interface SigstoreTargets {
  /** The text of a file, checked. Throws a PromotionError that says from where it was to come, and what to pass instead. */
  read(name: string): Promise<string>
}

/** Which TUF repository; undefined stands for the public instance's, whose root is part of this program. */
export interface TufRepository {
  readonly mirror: string | undefined
  /** The path of the root.json to begin with; has to be there for any other mirror than the public one. */
  readonly root: string | undefined
  /** A folder of this program's own, made when it is missing, that remembers what was fetched. */
  readonly cache: string
}

/** The input by which a file can be given instead of being fetched. */
const INPUTS: Readonly<Record<string, string>> = {
  'trusted_root.json': 'trusted-root',
  'signing_config.v0.2.json': 'signing-config',
}

/** Files of a TUF repository (The Update Framework, version 1.0), which is asked once a run, when the first of them is read. */
export class TufTargets implements SigstoreTargets {
  readonly #repository: TufRepository
  readonly #mirror: string
  #client: Promise<TUF> | undefined

  /** Throws a PromotionError of kind `input` for a mirror that is no URL, or has a password in it. */
  constructor(repository: TufRepository) {
    this.#repository = repository
    this.#mirror = checkMirror(repository.mirror ?? DEFAULT_MIRROR_URL)
  }

  async read(name: string): Promise<string> {
    try {
      this.#client ??= this.#open()
      return await (await this.#client).getTarget(name)
    } catch (cause) {
      if (cause instanceof PromotionError) throw cause
      throw notFetched(name, this.#mirror, cause)
    }
  }

  async #open(): Promise<TUF> {
    const { root: rootPath, cache: cachePath } = this.#repository
    if (rootPath === undefined) {
      if (this.#mirror !== DEFAULT_MIRROR_URL) throw withoutRoot(this.#mirror)
    } else await requireRoot(rootPath)
    const options = { mirrorURL: this.#mirror, cachePath, ...(rootPath !== undefined && { rootPath }) }
    // Every run begins with the root that it was given or shipped with, and not with one that is lying about.
    return initTUF({ ...options, forceInit: true })
  }
}

function checkMirror(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const isUsable = url !== undefined && /^https?:$/.test(url.protocol) && url.username + url.password === ''
  if (isUsable) return text.replace(/\/+$/, '')
  throw new PromotionError('input', '`tuf-mirror` is not the URL of a TUF repository', {
    hint: 'Write it in full and without a password, such as https://tuf.example.com.',
  })
}

async function requireRoot(path: string): Promise<void> {
  const text = await readGivenFile(path, 'The TUF root', 'tuf-root')
  // The library would say only that something is not defined.
  if (isJsonObject(readJson(text)?.signed)) return
  throw new PromotionError('input', `${path} is no root.json of a TUF repository`, {
    hint: 'Check the path given as `tuf-root`.',
  })
}

function withoutRoot(mirror: string): PromotionError {
  return new PromotionError(
    'input',
    `Nothing says which root.json the TUF repository at ${mirror} begins with`,
    {
      hint: 'Pass it as `tuf-root: FILE`; whoever runs the mirror publishes it.',
    },
  )
}

function notFetched(name: string, mirror: string, cause: unknown): PromotionError {
  const input = INPUTS[name]
  const instead = input === undefined ? '' : `, or pass \`${input}: FILE\` and nothing is fetched`
  return new PromotionError(
    'registry',
    `${name} could not be fetched by TUF from ${mirror}: ${rootCauseOf(cause)}`,
    {
      cause,
      hint: `It is needed for certificates, log entries and timestamps: let this machine reach the mirror, with its clock right and with the \`tuf-root\` of that mirror${instead}.`,
    },
  )
}

/** The first link of a chain of errors: the others say no more than that something failed. */
function rootCauseOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if (error.cause instanceof Error) return rootCauseOf(error.cause)
  // Several addresses of one host, each refused for a reason of its own.
  if (error instanceof AggregateError) return error.errors.map(rootCauseOf).join(', ')
  return 'statusCode' in error ? `${error.message} (HTTP status ${error.statusCode})` : error.message
}
