import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import type { RunResult } from '../../src/report/run-result.ts'
import { buildDistribution } from '../../tools/build.ts'

/** How a run ended. */
export interface Ended {
  /** Null when a signal ended it. */
  readonly exitCode: number | null
  readonly signal: NodeJS.Signals | null
  /** Both streams, for messages and for what a failed assertion prints. */
  readonly output: string
  /** By `performance.now()`. */
  readonly endedAt: number
}

/** A run of the program that is under way. */
export interface Started {
  readonly child: ChildProcess
  readonly ended: Promise<Ended>
}

/** How a run is started other than as `node cli.js ARGUMENTS`. */
export interface StartOptions {
  readonly environment?: Readonly<Record<string, string>>
  readonly nodeArguments?: readonly string[]
  /** A command that is given the command line of the run as its last arguments. */
  readonly through?: readonly string[]
}

/** The program as it is handed out, built into a folder of its own. */
export class Product implements AsyncDisposable {
  readonly #folder: string

  private constructor(folder: string) {
    this.#folder = folder
  }

  static async build(): Promise<Product> {
    const folder = await mkdtemp(join(tmpdir(), 'signed-promote-product-'))
    await buildDistribution(folder)
    return new Product(folder)
  }

  /** Starts a run in a folder, with nothing of this machine's environment. */
  start(folder: string, inputs: readonly string[], options: StartOptions = {}): Started {
    const { environment, nodeArguments = [], through = [] } = options
    const [command = '', ...words] = [
      ...through,
      process.execPath,
      ...nodeArguments,
      join(this.#folder, 'cli.js'),
      ...inputs,
    ]
    const env = { HOME: folder, DOCKER_CONFIG: join(folder, 'docker'), ...environment }
    const child = spawn(command, words, { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] })
    return { child, ended: endOf(child) }
  }

  /** Runs to the end. */
  run(folder: string, inputs: readonly string[], options?: StartOptions): Promise<Ended> {
    return this.start(folder, inputs, options).ended
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true })
  }
}

/** The report that a run wrote with `--report report.json`. */
export async function readReport(folder: string): Promise<RunResult> {
  return JSON.parse(await readFile(join(folder, 'report.json'), 'utf8')) as RunResult
}

async function endOf(child: ChildProcess): Promise<Ended> {
  const exited = once(child, 'exit').then((codes) => [...codes, performance.now()])
  const streams = [child.stdout, child.stderr].map((stream) => (stream ? text(stream) : ''))
  const [[exitCode, signal, endedAt], ...outputs] = await Promise.all([exited, ...streams])
  return { exitCode, signal, endedAt, output: outputs.join('') }
}
