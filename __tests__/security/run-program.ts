import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import { pathToFileURL } from 'node:url'

/** What a run of the whole program left behind. */
export interface ProgramRun {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
  /** What the runner was given: the files behind GITHUB_OUTPUT and GITHUB_STEP_SUMMARY. */
  readonly outputs: string
  readonly summary: string
}

/** Where the program is run, and what is in its environment. */
export interface ProgramOptions {
  readonly folder: string
  readonly environment?: Readonly<Record<string, string>>
}

const ENTRY_POINTS = pathToFileURL(resolve(import.meta.dirname, '../../src/entry-points.ts')).href

/** Runs the action in a process of its own, as the runner would: with these inputs, and files for outputs and the summary. */
export async function runAction(
  inputs: Readonly<Record<string, string>>,
  { folder, environment = {} }: ProgramOptions,
): Promise<ProgramRun> {
  const given = Object.entries(inputs).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value])
  const files = join(folder, 'runner')
  await mkdir(files, { recursive: true })
  const runner = {
    GITHUB_ACTIONS: 'true',
    GITHUB_OUTPUT: join(files, 'outputs'),
    GITHUB_STEP_SUMMARY: join(files, 'summary'),
  }
  for (const file of [runner.GITHUB_OUTPUT, runner.GITHUB_STEP_SUMMARY]) await writeFile(file, '')
  return run('runAction', [], {
    folder,
    environment: { ...runner, ...Object.fromEntries(given), ...environment },
  })
}

/** Runs the terminal command in a process of its own. */
export function runTerminal(words: readonly string[], options: ProgramOptions): Promise<ProgramRun> {
  return run('runCli', words, options)
}

async function run(
  entry: 'runAction' | 'runCli',
  words: readonly string[],
  { folder, environment = {} }: ProgramOptions,
): Promise<ProgramRun> {
  const stub = join(folder, `${entry}.mjs`)
  await writeFile(stub, `import { ${entry} } from '${ENTRY_POINTS}'\nawait ${entry}()\n`)
  const temporary = join(folder, 'temporary')
  await mkdir(temporary, { recursive: true })
  const env = { PATH: process.env.PATH, HOME: folder, TMPDIR: temporary, ...environment }
  const child = spawn(process.execPath, [stub, ...words], {
    cwd: folder,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const [stdout, stderr, [exitCode]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit') as Promise<[number]>,
  ])
  const outputs = await contentOf(environment.GITHUB_OUTPUT)
  const summary = await contentOf(environment.GITHUB_STEP_SUMMARY)
  return { exitCode, stdout, stderr, outputs, summary }
}

async function contentOf(path: string | undefined): Promise<string> {
  return path !== undefined && existsSync(path) ? await readFile(path, 'utf8') : ''
}
