import { dirname, join, relative, resolve } from 'node:path'
import { type FileLocation, PromotionError } from '../errors.ts'
import type { YamlDialect } from '../yaml/dialect.ts'
import { codeOf } from '../yaml/file-problem.ts'
import { isInside } from '../yaml/is-inside.ts'
import { readTextFile } from '../yaml/read-text-file.ts'
import { parseYaml, type YamlNode } from '../yaml/yaml.ts'
import { withEnvFiles } from './environment.ts'
import { extendServices } from './extend-services.ts'
import type { LookUp } from './interpolate.ts'
import { mergeServices } from './merge-services.ts'
import { type Included, readIncludes } from './read-includes.ts'
import { readServices } from './read-services.ts'
import type { Reading } from './read-value.ts'
import type { ComposeFile, Services } from './service.ts'

/** Files that are merged into one project. */
export interface ProjectFiles {
  /** Absolute paths. */
  readonly paths: readonly string[]
  /** The absolute path at which relative paths in them start. */
  readonly folder: string
  readonly lookUp: LookUp
}

/** A file that was read: what messages call it, and its real path. */
export interface ReadFile {
  readonly file: string
  readonly path: string
}

const COMPOSE: YamlDialect = { aliases: true, tags: ['!reset', '!override'] }
// Files can include each other in ever more ways.
const MOST_FILES = 200
const ENV_FILE = '.env'

/** Reads compose files with all that they include and extend; what is wrong with them is noted, unless it leaves nothing to go on with. */
export class ProjectReader {
  readonly #workingDirectory: string
  readonly #folder: string
  readonly #reading: Reading
  readonly #files: ReadFile[] = []

  /** `folder`: the project's own. What files name themselves has to lie there or in the working directory. */
  constructor(workingDirectory: string, folder: string, reading: Reading) {
    this.#workingDirectory = resolve(workingDirectory)
    this.#folder = folder
    this.#reading = reading
  }

  /** All files that were read. */
  get files(): readonly ReadFile[] {
    return this.#files
  }

  /** What messages call a file: its path, from the working directory where it lies in there. */
  nameOf(path: string): string {
    return isInside(path, this.#workingDirectory) ? relative(this.#workingDirectory, path) : path
  }

  /** The services of a project, merged as compose does; `chain` holds the paths of the files by which it is included. */
  async read(project: ProjectFiles, chain: readonly string[] = []): Promise<Services> {
    let services: Services = new Map()
    for (const path of project.paths) {
      services = mergeServices(services, await this.#readFile(path, project, chain))
    }
    return services
  }

  /** The variables of a project: those that are there already, and behind them those of its env files, `.env` unless others are named. */
  async variables(outer: LookUp, files: readonly string[] | undefined, folder: string): Promise<LookUp> {
    const read = []
    for (const path of files ?? [join(folder, ENV_FILE)]) {
      const text = await this.#attempt(path, files === undefined)
      if (text !== undefined) read.push({ file: this.nameOf(path), text })
    }
    const onUnset = () => {
      // Said where the variable is used, if it is used for an image.
    }
    return withEnvFiles({ lookUp: outer, onUnset }, read)
  }

  async #readFile(path: string, project: ProjectFiles, chain: readonly string[]): Promise<Services> {
    const opened = await this.#open(path, project.folder, project.lookUp)
    if (opened === undefined) return new Map()
    const { origin, tree } = opened
    let services = readServices(tree, origin, this.#reading.reader)
    for (const included of readIncludes(tree, origin, this.#reading)) {
      // What a file says itself goes over what it includes.
      services = mergeServices(await this.#include(included, origin, [...chain, path]), services)
    }
    return await extendServices(services, this.#reading, async (other, location) => {
      if (!this.#mayRead(other, location)) return undefined
      const base = await this.#open(other, dirname(other), project.lookUp)
      return base && readServices(base.tree, base.origin, this.#reading.reader)
    })
  }

  async #include(included: Included, origin: ComposeFile, chain: readonly string[]): Promise<Services> {
    const { paths, folder, envFiles, location } = included
    const circle = paths.find((path) => chain.includes(path))
    if (circle !== undefined) {
      const names = [...chain, circle].map((path) => this.nameOf(path)).join(' includes ')
      this.#reading.reader.problems.add(
        location,
        `Files include each other: ${names}`,
        'Take one of them out.',
      )
      return new Map()
    }
    if (![...paths, ...(envFiles ?? [])].every((path) => this.#mayRead(path, location))) return new Map()
    const lookUp = await this.variables(origin.lookUp, envFiles, folder)
    return await this.read({ paths, folder, lookUp }, chain)
  }

  /** Compose files are often not trusted: one must not lead to the runner's other files. */
  #mayRead(path: string, location: FileLocation | undefined): boolean {
    if (isInside(path, this.#workingDirectory) || isInside(path, this.#folder)) return true
    const hint = 'Name the file in `compose` itself, or move it into the working directory.'
    const message = `${path} is neither in the working directory nor in the folder of the first compose file`
    this.#reading.reader.problems.add(location, message, hint)
    return false
  }

  async #open(
    path: string,
    folder: string,
    lookUp: LookUp,
  ): Promise<{ readonly origin: ComposeFile; readonly tree: YamlNode } | undefined> {
    const text = await this.#attempt(path, false)
    if (text === undefined) return undefined
    const origin = { file: this.nameOf(path), text, folder, lookUp }
    try {
      return { origin, tree: parseYaml(text, origin.file, COMPOSE) }
    } catch (error) {
      this.#reading.reader.problems.note(error)
      return undefined
    }
  }

  /** The text of a file, or undefined after the problem was noted; `mayMiss`: not being there is none. */
  async #attempt(path: string, mayMiss: boolean): Promise<string | undefined> {
    const { problems } = this.#reading.reader
    try {
      const file = this.nameOf(path)
      const read = await readTextFile(file, this.#workingDirectory)
      this.#files.push({ file, path: read.path })
      if (this.#files.length <= MOST_FILES) return read.text
    } catch (error) {
      const isMissing = error instanceof PromotionError && codeOf(error.cause) === 'ENOENT'
      if (!isMissing || !mayMiss) problems.note(error)
      return undefined
    }
    const message = `More than ${MOST_FILES} files are included and extended`
    problems.add({ file: this.nameOf(path) }, message, 'Name fewer files.')
    problems.throwIfAny()
    return undefined
  }
}
