import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { openListeners } from './open-listeners.ts'
import { type ToolName, toolPath } from './tools.ts'

const PATIENCE_MS = 20_000
const PAUSE_MS = 50
const LOOPBACK = '127.0.0.1'

/** An outside tool that runs until it is disposed of. */
export class StartedProgram implements AsyncDisposable {
  readonly #name: ToolName
  readonly #child: ChildProcess
  #log = ''

  constructor(name: ToolName, args: readonly string[]) {
    this.#name = name
    this.#child = spawn(toolPath(name), args, { stdio: ['ignore', 'pipe', 'pipe'] })
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.#log += text
      })
    }
  }

  /**
   * Waits until the URL answers well; throws with what the program said when it ends before that, or takes too long, and when others than
   * this machine could reach it.
   */
  async serves(url: string): Promise<void> {
    const deadline = Date.now() + PATIENCE_MS
    while (!(await answersWell(url))) {
      if (this.#hasEnded() || Date.now() > deadline)
        throw new Error(`${this.#name} does not serve:\n${this.#log}`)
      await sleep(PAUSE_MS)
    }
    const open = await openListeners(this.#child.pid ?? 0)
    if (open.length > 0) throw new Error(`${this.#name} listens beyond loopback: ${open.join(', ')}`)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#hasEnded()) return
    const ended = once(this.#child, 'exit')
    this.#child.kill('SIGKILL')
    await ended
  }

  #hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null
  }
}

/** Ports of loopback that are free now, for programs that cannot choose one. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, LOOPBACK))
  await Promise.all(servers.map((server) => once(server, 'listening')))
  const ports = servers.map((server) => (server.address() as { readonly port: number }).port)
  await Promise.all(servers.map((server) => once(server.close(), 'close')))
  return ports
}

async function answersWell(url: string): Promise<boolean> {
  try {
    return (await fetch(url)).ok
  } catch {
    return false
  }
}
