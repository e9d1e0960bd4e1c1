import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { openListeners } from './open-listeners.ts'
import { type ToolName, toolPath } from './tools.ts'

/** Enough for programs in Python on a busy machine. */
const PATIENCE_MS = 60_000
const PAUSE_MS = 50
const LOOPBACK = '127.0.0.1'

/** An outside tool that runs until it is disposed of. */
export class StartedProgram implements AsyncDisposable {
  readonly #name: ToolName
  readonly #child: ChildProcess
  readonly #end: NodeJS.Signals
  #log = ''

  /** `end` is the signal by which it ends; one that has children of its own ends them only when it is asked. */
  constructor(name: ToolName, args: readonly string[], end: NodeJS.Signals = 'SIGKILL') {
    this.#name = name
    this.#end = end
    this.#child = spawn(toolPath(name), args, { stdio: ['ignore', 'pipe', 'pipe'] })
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.#log += text
      })
    }
  }

  /**
   * Waits until the URL answers well, with a body that says what is waited for; throws with what the program said when it ends before
   * that, or takes too long, and when others than this machine could reach it.
   */
  async serves(url: string, isReady: (body: string) => boolean = () => true): Promise<void> {
    const deadline = Date.now() + PATIENCE_MS
    while (!(await answersWell(url, isReady))) {
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
    this.#child.kill(this.#end)
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

async function answersWell(url: string, isReady: (body: string) => boolean): Promise<boolean> {
  try {
    const answer = await fetch(url)
    return isReady(await answer.text()) && answer.ok
  } catch {
    return false
  }
}
