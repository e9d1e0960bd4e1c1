import { dirname, resolve } from 'node:path'
import type { FileLocation } from '../errors.ts'
import type { YamlNode } from '../yaml/yaml.ts'
import { isNothing } from '../yaml/yaml-reader.ts'
import { type Reading, readTexts } from './read-value.ts'
import type { ComposeFile } from './service.ts'

/** Another project that a compose file includes; its paths are absolute. */
export interface Included {
  readonly paths: readonly string[]
  readonly folder: string
  /** Undefined: `.env` in its folder, if it is there. */
  readonly envFiles: readonly string[] | undefined
  readonly location: FileLocation
}

const KEYS = { required: ['path'], optional: ['project_directory', 'env_file'] }
/** What docker compose fetches: a repository or an artifact elsewhere. */
const REMOTE = /^(?:[a-z][a-z0-9+.-]*:\/\/|git@|github\.com\/|oci:)/i

/** What a compose file includes (compose specification, "Include"), in its order; what is wrong is noted. */
export function readIncludes(tree: YamlNode, origin: ComposeFile, reading: Reading): readonly Included[] {
  const written = tree.kind === 'mapping' ? tree.entries.get('include') : undefined
  if (written === undefined || isNothing(written.value)) return []
  const items = reading.reader.list(written.value, '"include"') ?? []
  return items.map((item) => readInclude(item, origin, reading)).filter((included) => included !== undefined)
}

function readInclude(node: YamlNode, origin: ComposeFile, reading: Reading): Included | undefined {
  const { reader } = reading
  const entries = node.kind === 'scalar' ? undefined : reader.mapping(node, 'an entry of include', KEYS)
  const written = node.kind === 'scalar' ? node : entries?.get('path')?.value
  if (written === undefined) return undefined
  const names = readTexts(written, origin, 'The path of an include', reading)
  const remote = names.find((name) => REMOTE.test(name))
  if (remote !== undefined) {
    const message = `"${remote}" is not a file on this machine, and only those are included`
    reader.problems.add(written.location, message, 'Fetch it before this step, and include the file.')
    return undefined
  }
  const inFolder = (path: string) => resolve(origin.folder, path)
  const [first, ...others] = names.map(inFolder)
  if (first === undefined) return undefined
  const [directory] = textsOf('project_directory')
  const envFiles = textsOf('env_file')
  return {
    paths: [first, ...others],
    folder: directory === undefined ? dirname(first) : inFolder(directory),
    envFiles:
      envFiles.length === 0 ? undefined : envFiles.filter((file) => file !== '/dev/null').map(inFolder),
    location: node.location,
  }

  function textsOf(key: string): readonly string[] {
    const entry = entries?.get(key)
    return entry === undefined || isNothing(entry.value)
      ? []
      : readTexts(entry.value, origin, `"${key}"`, reading)
  }
}
