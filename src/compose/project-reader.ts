import { dirname, join, relative, resolve } from 'node:path'
import { type FileLocation, PromotionError } from '../errors.ts'
import { isInside } from '../files/is-inside.ts'
import { readTextFile } from '../files/read-text-file.ts'
import { codeOf } from '../files/system-error.ts'
import type { YamlDialect } from '../yaml/dialect.ts'
import { refuseOtherFile } from '../yaml/refuse-other-file.ts'
import { parseYaml, type YamlNode } from '../yaml/yaml.ts'
import { withEnvFiles } from './environment.ts'
import { extendServices } from './extend-services.ts'
import type { LookUp } from './interpolate.ts'
import { mergeServices } from './merge-services.ts'
import { PermittedFolders, type ReadFile } from './permitted-folders.ts'
import { type Included, readIncludes } from './read-includes.ts'
import { readServices } from './read-services.ts'
import { type Reading, unsetVariable } from './read-value.ts'
import type { ComposeFile, Services } from './service.ts'

/** Files that are merged into one project. */
export interface ProjectFiles {
  /** Absolute paths. */
  readonly paths: readonly string[]
  /** The absolute path at which relative paths in them start. */
  readonly folder: string
  readonly lookUp: LookUp
}

/** A file to read. */
interface WantedFile {
  readonly path: string
  readonly kind: 'compose' | 'env'
  /** The user names it, and not another file. */
  readonly isGiven: boolean
  readonly mayMiss: boolean
}

const COMPOSE: YamlDialect = { aliases: true, tags: ['!reset', '!override'] }
// Files can include each other in ever more ways.
const MOST_FILES = 200
const MOST_SERVICES = 20_000
const ENV_FILE = '.env'

/** Reads compose files with all that they include and extend; what is wrong with them is noted, unless it leaves nothing to go on with. */
export class ProjectReader {
  readonly #workingDirectory: string
  readonly #folder: string
  readonly #permitted: PermittedFolders
  readonly #reading: Reading
  readonly #files: ReadFile[] = []
  #services = 0

  /** `folder`: the project's own. What files name themselves has to lie there or in the working directory. */
  constructor(workingDirectory: string, folder: string, reading: Reading) {
    this.#workingDirectory = resolve(workingDirectory)
    this.#folder = folder
    this.#permitted = new PermittedFolders(workingDirectory, folder)
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

  /** The variables of the first project: those of the env files that the user names, and otherwise of its `.env`. */
  async ownVariables(files: readonly string[]): Promise<LookUp> {
    const given = files.map((path) => ({ path, kind: 'env', isGiven: true, mayMiss: false }) as const)
    return await this.#variables(() => undefined, given.length > 0 ? given : [usualEnvFile(this.#folder)])
  }

  /** The variables that are there already, and behind them those of env files. */
  async #variables(outer: LookUp, files: readonly WantedFile[]): Promise<LookUp> {
    const read = []
    for (const wanted of files) {
      const text = await this.#attempt(wanted)
      if (text !== undefined) read.push({ file: this.nameOf(wanted.path), text })
    }
    const unset = new Set<string>()
    const onUnset = (name: string) => {
      if (!unset.has(name)) this.#reading.warn(unsetVariable(name))
      unset.add(name)
    }
    return withEnvFiles({ lookUp: outer, onUnset }, read)
  }

  async #readFile(path: string, project: ProjectFiles, chain: readonly string[]): Promise<Services> {
    const wanted = { path, kind: 'compose', isGiven: chain.length === 0, mayMiss: false } as const
    const opened = await this.#open(wanted, project.folder, project.lookUp)
    if (opened === undefined) return new Map()
    const { origin, tree } = opened
    let services = this.#readServices(tree, origin)
    for (const included of readIncludes(tree, origin, this.#reading)) {
      // What a file says itself goes over what it includes.
      services = mergeServices(await this.#include(included, origin, [...chain, path]), services)
    }
    return await extendServices(services, this.#reading, async (other, location) => {
      if (!this.#mayRead(other, location)) return undefined
      const extended = { path: other, kind: 'compose', isGiven: false, mayMiss: false } as const
      const base = await this.#open(extended, dirname(other), project.lookUp)
      return base && this.#readServices(base.tree, base.origin)
    })
  }

  #readServices(tree: YamlNode, origin: ComposeFile): Services {
    const { reader } = this.#reading
    const services = readServices(tree, origin, reader)
    this.#services += services.size
    if (this.#services > MOST_SERVICES) {
      const message = `The files have more than ${MOST_SERVICES} services together`
      reader.problems.add({ file: origin.file }, message, 'Name fewer files.')
      reader.problems.throwIfAny()
    }
    return services
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
    const named = envFiles?.map((path) => ({ path, kind: 'env', isGiven: false, mayMiss: false }) as const)
    const lookUp = await this.#variables(origin.lookUp, named ?? [usualEnvFile(folder)])
    return await this.read({ paths, folder, lookUp }, chain)
  }

  #mayRead(path: string, location: FileLocation | undefined): boolean {
    const message = this.#permitted.refusalOf(path)
    if (message === undefined) return true
    const hint = 'Name the file in `compose` itself, or move it into the working directory.'
    this.#reading.reader.problems.add(location, message, hint)
    return false
  }

  async #open(
    wanted: WantedFile,
    folder: string,
    lookUp: LookUp,
  ): Promise<{ readonly origin: ComposeFile; readonly tree: YamlNode } | undefined> {
    const text = await this.#attempt(wanted)
    if (text === undefined) return undefined
    const origin = { file: this.nameOf(wanted.path), text, folder, lookUp }
    const { problems } = this.#reading.reader
    const tree = problems.attempt(undefined, () => {
      refuseOtherFile(text, origin.file, 'compose', 'a compose file')
      return parseYaml(text, origin.file, COMPOSE)
    })
    return tree && { origin, tree }
  }

  /** The text of a file, or undefined after the problem was noted. */
  async #attempt({ path, kind, isGiven, mayMiss }: WantedFile): Promise<string | undefined> {
    const { problems } = this.#reading.reader
    try {
      const file = this.nameOf(path)
      const read = await readTextFile(file, this.#workingDirectory)
      const found = { file, path: read.path }
      if (!isGiven && kind === 'env') await this.#permitted.requireEnvFile(found)
      else if (!isGiven) await this.#permitted.requireInside(found)
      this.#files.push(found)
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

/** The one that is read where none is named. */
function usualEnvFile(folder: string): WantedFile {
  return { path: join(folder, ENV_FILE), kind: 'env', isGiven: false, mayMiss: true }
}
