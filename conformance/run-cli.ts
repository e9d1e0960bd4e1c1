import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import type { RunResult } from '../src/report/run-result.ts'
import { PASSWORD } from './cosign.ts'
import { machineNode } from './tools.ts'

export interface CliRun {
  readonly exitCode: number
  /** Both streams, for messages and for what a failed assertion prints. */
  readonly output: string
}

const CLI = resolve(import.meta.dirname, '../dist/cli.js')

/** Runs `node dist/cli.js` in a folder, with the key's password and nothing else of this machine but its PATH. */
export function runCli(folder: string, ...args: readonly string[]): Promise<CliRun> {
  return runCliWith({}, folder, ...args)
}

/** The same with some more of an environment, where secrets are. */
export async function runCliWith(
  environment: Readonly<Record<string, string>>,
  folder: string,
  ...args: readonly string[]
): Promise<CliRun> {
  const child = startCli(environment, folder, ...args)
  const [stdout, stderr, [exitCode]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit') as Promise<[number]>,
  ])
  return { exitCode, output: `${stdout}${stderr}` }
}

/** The same, begun: for who does not wait for its end. */
export function startCli(
  environment: Readonly<Record<string, string>>,
  folder: string,
  ...args: readonly string[]
) {
  const env = {
    PATH: process.env.PATH,
    HOME: folder,
    DOCKER_CONFIG: join(folder, 'docker'),
    COSIGN_PASSWORD: PASSWORD,
    ...environment,
  }
  return spawn(machineNode(), [CLI, ...args], { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] })
}

/** The report that a run wrote with `--report`. */
export async function readReport(folder: string, name = 'report.json'): Promise<RunResult> {
  return JSON.parse(await readFile(join(folder, name), 'utf8')) as RunResult
}
