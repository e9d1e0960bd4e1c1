import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises'
import { delimiter, dirname, join, resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import { runTool, toolPath } from './tools.ts'

/** What a workflow did, as far as the tests look at it. */
export interface WorkflowRun {
  readonly exitCode: number
  /** Outputs of all steps by name; of several with one name the last. */
  readonly outputs: Readonly<Record<string, string>>
  /** The summaries of all steps, one behind the other. */
  readonly summary: string
  /** Everything that was logged, for what a failed assertion prints. */
  readonly log: string
  /** The lines of the log without the commands that hide a secret: they have to name it, and a runner does not print them. */
  readonly shown: readonly string[]
}

interface LogLine {
  readonly command?: string
  readonly name?: string
  readonly arg?: string
  readonly content?: string
}

const ROOT = resolve(import.meta.dirname, '..')
const REUSABLE = '.github/workflows/promote.yml'
const ACTION = 'acme/signed-promote'
/** The parts of this repository that a runner uses. */
const RELEASED = ['action.yml', 'package.json', 'dist', REUSABLE]
const STAND_IN = `name: stand-in
description: Says what an action that cannot be fetched here would have taken, as the output "files"
inputs:
  name:
    description: As upload-artifact has it
  path:
    description: As upload-artifact has it
  if-no-files-found:
    description: As upload-artifact has it
runs:
  using: composite
  steps:
    - run: echo "files=$(ls $FILES | xargs -n1 basename | tr '\\n' ' ')" >> "$GITHUB_OUTPUT"
      shell: bash
      env:
        FILES: \${{ inputs.path }}
`

/**
 * Runs a workflow's text with act, without containers and without the network, in a new repository that holds the files of `folder`.
 * The action and the reusable workflow are those of this checkout. The secrets travel in the environment, together with what else a
 * runner would have in its own.
 */
export async function runWorkflow(
  folder: string,
  workflow: string,
  secrets: Readonly<Record<string, string>>,
  runner: Readonly<Record<string, string>> = {},
): Promise<WorkflowRun> {
  const repositories = await releaseLocally(join(folder, 'released'))
  await mkdir(join(folder, 'caller/.github/workflows'), { recursive: true })
  await writeFile(join(folder, 'caller/.github/workflows/release.yml'), workflow)
  await commitAll(join(folder, 'caller'))
  const home = join(folder, 'home')
  await mkdir(home, { recursive: true })
  // Without this file act asks which image to use.
  await writeFile(join(home, '.actrc'), '')
  const child = spawn(
    toolPath('act'),
    [
      ...['workflow_dispatch', '-W', '.github/workflows/release.yml', '-P', 'ubuntu-latest=-self-hosted'],
      ...['--json', '--no-cache-server', '--action-cache-path', join(folder, 'actions')],
      ...[...repositories].flatMap(([name, path]) => ['--local-repository', `${name}=${path}`]),
      ...Object.keys(secrets).flatMap((name) => ['--secret', name]),
    ],
    {
      cwd: join(folder, 'caller'),
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...secrets,
        ...runner,
        // act runs actions with the first Node on the PATH, where a runner has Node 24.
        PATH: [dirname(process.execPath), process.env.PATH].join(delimiter),
        HOME: home,
        XDG_CACHE_HOME: join(home, 'cache'),
        DOCKER_CONFIG: home,
      },
    },
  )
  const [stdout, stderr, [exitCode]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit') as Promise<[number]>,
  ])
  const log = `${stdout}${stderr}`
  const shown = log.split('\n').filter((line) => !line.includes('"command":"add-mask"'))
  return { exitCode, ...readLog(stdout), log, shown }
}

/** Repositories by the names under which workflows use them: this one, and stand-ins for what the reusable workflow uses. */
async function releaseLocally(folder: string): Promise<ReadonlyMap<string, string>> {
  const released = join(folder, 'signed-promote')
  for (const path of RELEASED) await cp(join(ROOT, path), join(released, path), { recursive: true })
  await commitAll(released)
  const standIn = join(folder, 'stand-in')
  await mkdir(standIn, { recursive: true })
  await writeFile(join(standIn, 'action.yml'), STAND_IN)
  await commitAll(standIn)
  const reusable = await readFile(join(ROOT, REUSABLE), 'utf8')
  const others = [...reusable.matchAll(/uses: (?<name>actions\/(?:up|down)load-artifact@\S+)/g)]
  return new Map([
    [`${ACTION}@v1`, released],
    ...others.map(({ groups }) => [groups?.name ?? '', standIn] as const),
  ])
}

async function commitAll(folder: string): Promise<void> {
  const author = ['-c', 'user.name=test', '-c', 'user.email=test@example.com', '-c', 'commit.gpgsign=false']
  for (const args of [
    ['init', '-q', '-b', 'main'],
    ['add', '-A', '-f'],
    [...author, 'commit', '-q', '--allow-empty', '-m', 'test'],
  ]) {
    await runTool(folder, 'git', ...args)
  }
}

function readLog(log: string): Pick<WorkflowRun, 'outputs' | 'summary'> {
  const lines = log
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as LogLine)
  const outputs = lines.filter(({ command }) => command === 'set-output')
  const summaries = lines.filter(({ command }) => command === 'summary')
  return {
    outputs: Object.fromEntries(outputs.map(({ name = '', arg = '' }) => [name, arg])),
    summary: summaries.map(({ content = '' }) => content).join('\n'),
  }
}
