import { execFile } from 'node:child_process'
import { cpus, release, totalmem } from 'node:os'
import { promisify } from 'node:util'
import { findOnPath } from '../conformance/tools.ts'
import { COSIGN_SIGNERS } from './tools/ours.ts'
import { PEERS, type Peer } from './tools/peers.ts'
import type { Tool } from './tools/tool.ts'

const GIB = 1024 ** 3
const VERSION = /v?\d+\.\d+\.\d+[\w.+-]*/
const run = promisify(execFile)

/** The peers of this machine with their versions, and how to get the others. */
export interface FoundPeers {
  readonly tools: readonly Tool[]
  /** Version by name. */
  readonly versions: Readonly<Record<string, string>>
  readonly missing: readonly Peer[]
}

/** Looks for every peer on the PATH. */
export async function findPeers(): Promise<FoundPeers> {
  const found = await Promise.all(PEERS.map(async (peer) => ({ peer, version: await versionOf(peer) })))
  const present = found.filter(({ version }) => version !== undefined)
  const tools: readonly Tool[] = present.map(({ peer }) => peer)
  const hasCosign = present.some(({ peer }) => peer.binary === 'cosign')
  return {
    tools: hasCosign ? [...tools, ...COSIGN_SIGNERS] : tools,
    versions: Object.fromEntries(present.map(({ peer, version }) => [peer.name, version ?? ''])),
    missing: found.filter(({ version }) => version === undefined).map(({ peer }) => peer),
  }
}

/** The machine in one sentence. */
export function describeMachine(): string {
  const [first] = cpus()
  const memory = Math.round(totalmem() / GIB)
  return `${cpus().length} × ${first?.model.trim() ?? 'an unknown processor'}, ${memory} GiB, Linux ${release()}, Node ${process.version}`
}

/** From the binary's build information where that is, because tools that are installed by Go rarely know their version. */
async function versionOf({ binary, versionArguments }: Peer): Promise<string | undefined> {
  const path = findOnPath(binary)
  if (path === undefined) return undefined
  const built = await outputOf('go', ['version', '-m', path])
  const module = /^\tmod\t\S+\t(v\S+)/m.exec(built)?.[1]
  return module ?? VERSION.exec(await outputOf(binary, versionArguments))?.[0] ?? 'of unknown version'
}

/** What a program prints; nothing when it cannot be run, because a version is worth no failure. */
async function outputOf(file: string, args: readonly string[]): Promise<string> {
  try {
    return (await run(file, args)).stdout
  } catch {
    return ''
  }
}
