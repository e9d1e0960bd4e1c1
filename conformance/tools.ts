import { execFile } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join, sep } from 'node:path'
import { promisify } from 'node:util'

export type ToolName =
  | 'cosign'
  | 'crane'
  | 'imgpkg'
  | 'oras'
  | 'regctl'
  | 'skopeo'
  | 'registry'
  | 'docker-registry'
  | 'referrers-registry'
  | 'policy-judge'
  | 'compose-reader'
  | 'act'
  | 'pulp'
  | 'pulp-database'
  | 'fulcio'
  | 'rekor-server'
  | 'timestamp-server'

/** With those that .ci/tools.sh does not install. */
export type ProgramName = ToolName | 'git' | 'tar' | 'oci-conformance'

/**
 * For the `skip` option of a suite that needs these tools: `false` when all are on the PATH, otherwise at a desk a loud reason. In CI a
 * missing tool throws, so that nothing is skipped unseen.
 */
export function missingTools(...names: readonly ToolName[]): string | false {
  const missing = names.filter((name) => findOnPath(name) === undefined)
  if (missing.length === 0) return false
  const reason = `needs ${missing.join(', ')} on the PATH: PATH=$(.ci/tools.sh):$PATH installs them`
  if (process.env.CI) throw new Error(`The conformance suite ${reason}`)
  console.error(`SKIPPED: ${reason}`)
  return reason
}

/** The path of a tool; throws when it is not on the PATH. */
export function toolPath(name: ProgramName): string {
  const path = findOnPath(name)
  if (path === undefined) throw new Error(`${name} is not on the PATH`)
  return path
}

/** Runs a program in a folder, which is its home as well, with nothing else of this machine but its PATH; what it printed. */
export function runTool(folder: string, name: ProgramName, ...args: readonly string[]): Promise<string> {
  return runToolWith({}, folder, name, ...args)
}

/** The same with some more of an environment. */
export async function runToolWith(
  environment: Readonly<Record<string, string>>,
  folder: string,
  name: ProgramName,
  ...args: readonly string[]
): Promise<string> {
  const env = { PATH: process.env.PATH, HOME: folder, DOCKER_CONFIG: folder, ...environment }
  const { stdout } = await promisify(execFile)(toolPath(name), args, { env, cwd: folder })
  return stdout
}

/** The Node that a user of this machine gets, and not the newer one that npm puts before it for the project's own scripts. */
export function machineNode(): string {
  return findOnPath('node', (folder) => !folder.includes(`node_modules${sep}`)) ?? process.execPath
}

/** The first executable of this name on the PATH. */
export function findOnPath(
  name: string,
  wanted: (folder: string) => boolean = () => true,
): string | undefined {
  const folders = (process.env.PATH ?? '')
    .split(delimiter)
    .filter((folder) => folder !== '' && wanted(folder))
  return folders.map((folder) => join(folder, name)).find(isExecutable)
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
