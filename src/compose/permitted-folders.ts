import { realpath } from 'node:fs/promises'
import { basename, relative, resolve, sep } from 'node:path'
import { fileProblem } from '../files/file-problem.ts'
import { isInside } from '../files/is-inside.ts'

/** A file that was read: what messages call it, and its real path. */
export interface ReadFile {
  readonly file: string
  readonly path: string
}

const ENV_NAME = /^\.env(?:\.|$)/
const WHERE = 'neither in the working directory nor in the folder of the first compose file'

/**
 * Where the files lie that compose files may name: in the working directory, and in the folder of the first one. Compose files are often not
 * trusted: one must not lead to the runner's other files.
 */
export class PermittedFolders {
  readonly #folders: readonly string[]
  #real: Promise<readonly string[]> | undefined

  /** Takes absolute paths. */
  constructor(...folders: readonly string[]) {
    this.#folders = folders.map((folder) => resolve(folder))
  }

  /** Why a path that is written in a file is not looked at, going by the names alone; undefined when it is. */
  refusalOf(path: string): string | undefined {
    return this.#folders.some((folder) => isInside(path, folder)) ? undefined : `${path} is ${WHERE}`
  }

  /** Throws a PromotionError of kind `input` for a file that lies elsewhere once links are followed. */
  async requireInside({ file, path }: ReadFile): Promise<void> {
    if ((await this.#waysTo(path)).length > 0) return
    const hint = 'Move it there, or name it in `compose` or `compose-env-file`; links are followed first.'
    throw fileProblem(file, `lies ${WHERE}`, hint)
  }

  /** Throws as `requireInside` does, and for a hidden file that is none with variables: such a one may hold a login. */
  async requireEnvFile({ file, path }: ReadFile): Promise<void> {
    await this.requireInside({ file, path })
    const isOpen = (await this.#waysTo(path)).some(
      (way) => !way.split(sep).some((part) => part.startsWith('.')),
    )
    if (isOpen || ENV_NAME.test(basename(path))) return
    const why = 'is hidden, or in a hidden folder, and is not read for variables'
    throw fileProblem(file, why, 'Call it .env or .env.NAME, or name it in `compose-env-file`.')
  }

  /** How the real path of a file goes on from each of the folders that it is in. */
  async #waysTo(path: string): Promise<readonly string[]> {
    this.#real ??= Promise.all(this.#folders.map((folder) => realpath(folder)))
    const folders = (await this.#real).filter((folder) => isInside(path, folder))
    return folders.map((folder) => relative(folder, path))
  }
}
