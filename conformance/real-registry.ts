import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { newFolder } from './new-folder.ts'
import { type ToolName, toolPath } from './tools.ts'

/** A registry as others wrote it, on a loopback port of its own. */
export interface RealRegistry extends AsyncDisposable {
  /** `127.0.0.1:PORT`. */
  readonly host: string
}

/** `distribution` has no referrers API; `referrers` is go-containerregistry's, which has; `docker-registry` is Debian's old distribution. */
export type RegistryKind = 'distribution' | 'referrers' | 'docker-registry'

/** One kind of each way to list referrers. */
export const REGISTRY_KINDS: readonly RegistryKind[] = ['distribution', 'referrers']
/** With those that differ in what they are made of. */
export const EVERY_KIND: readonly RegistryKind[] = [...REGISTRY_KINDS, 'docker-registry']

const LISTENING = /listening on (127\.0\.0\.1:\d+)/

/** Starts an empty registry of this kind; throws when it ends before it listens. */
export function startRealRegistry(kind: RegistryKind): Promise<RealRegistry> {
  if (kind === 'referrers') return startReferrersRegistry()
  return startDistribution(kind === 'distribution' ? 'registry' : kind)
}

async function startDistribution(program: ToolName): Promise<RealRegistry> {
  const folder = await newFolder()
  const config = join(folder, 'config.yml')
  const settings = {
    version: 0.1,
    log: { accesslog: { disabled: true } },
    storage: { filesystem: { rootdirectory: join(folder, 'data') }, delete: { enabled: true } },
    http: { addr: '127.0.0.1:0' },
  }
  await writeFile(config, JSON.stringify(settings))
  // It would look for a collector of traces otherwise.
  const env = { ...process.env, OTEL_TRACES_EXPORTER: 'none' }
  const child = spawn(toolPath(program), ['serve', config], { env, stdio: ['ignore', 'ignore', 'pipe'] })
  return listening(child, () => rm(folder, { recursive: true, force: true }))
}

function startReferrersRegistry(): Promise<RealRegistry> {
  const child = spawn(toolPath('referrers-registry'), [], { stdio: ['ignore', 'ignore', 'pipe'] })
  return listening(child, async () => {})
}

async function listening(child: ChildProcess, cleanUp: () => Promise<void>): Promise<RealRegistry> {
  const ended = once(child, 'exit')
  const stop = async (): Promise<void> => {
    child.kill()
    await ended
    await cleanUp()
  }
  const host = await readHost(child)
  if (host === undefined) {
    await stop()
    throw new Error(`${child.spawnfile} ended before it listened`)
  }
  return { host, [Symbol.asyncDispose]: stop }
}

/** The address in the child's log; what comes after it is read and dropped, so that the pipe never fills. */
async function readHost(child: ChildProcess): Promise<string | undefined> {
  if (child.stderr === null) return undefined
  const lines = createInterface({ input: child.stderr })
  return new Promise((resolve) => {
    lines.on('line', (line) => {
      const host = LISTENING.exec(line)?.[1]
      if (host !== undefined) resolve(host)
    })
    lines.once('close', () => resolve(undefined))
  })
}
