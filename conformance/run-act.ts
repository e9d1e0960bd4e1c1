import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { delimiter, dirname, join, resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import { runTool, toolPath } from './tools.ts'

/** What a workflow did, as far as the tests look at it. */
export interface WorkflowRun {
  readonly exitCode: number
  /** Outputs of all steps by name; of several with one name the last. */
  readonly outputs: Readonly<Record<string, string>>
  /** The jobs in which a step failed, by the names that the log has for them. */
  readonly failed: readonly string[]
  /** The summaries of all steps, one behind the other. */
  readonly summary: string
  /** Everything that was logged, for what a failed assertion prints. */
  readonly log: string
  /** The lines of the log without the commands that hide a secret: they have to name it, and a runner does not print them. */
  readonly shown: readonly string[]
}

interface LogLine {
  readonly job?: string
  readonly stepResult?: string
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
const ARTIFACTS = 'artifacts'

/** Keeps what it is given in a folder; a second artifact of a name is refused, as GitHub does within one run. */
const UPLOAD = `name: upload
description: Stands in for upload-artifact, which cannot be fetched here
inputs:
  name:
    description: As upload-artifact has it
  path:
    description: As upload-artifact has it, but one folder
  if-no-files-found:
    description: As upload-artifact has it
  overwrite:
    description: As upload-artifact has it
    default: 'false'
runs:
  using: composite
  steps:
    - run: |
        test -d "$FROM" || { test "$NONE" = ignore; exit; }
        test ! -d "$KEPT" || test "$OVERWRITE" = true
        rm -rf "$KEPT"
        mkdir -p "$KEPT"
        cp -r "$FROM"/. "$KEPT"
      shell: bash
      env:
        FROM: \${{ inputs.path }}
        KEPT: @/\${{ inputs.name }}
        NONE: \${{ inputs.if-no-files-found }}
        OVERWRITE: \${{ inputs.overwrite }}
`
/** Brings one artifact, or with a pattern all those whose names match, into one folder. */
const DOWNLOAD = `name: download
description: Stands in for download-artifact, which cannot be fetched here
inputs:
  name:
    description: As download-artifact has it
  pattern:
    description: As download-artifact has it
  merge-multiple:
    description: Has to be true with a pattern
  path:
    description: As download-artifact has it
    default: .
runs:
  using: composite
  steps:
    - run: |
        test -n "$NAME" || test "$MERGED" = true
        mkdir -p "$TO"
        shopt -s nullglob
        for kept in @/\${NAME:-$PATTERN}/; do cp -r "$kept". "$TO"; done
        test -z "$NAME" || test -d "@/$NAME"
      shell: bash
      env:
        NAME: \${{ inputs.name }}
        PATTERN: \${{ inputs.pattern }}
        MERGED: \${{ inputs.merge-multiple }}
        TO: \${{ inputs.path }}
`

/** What is different from a runner and a release as they usually are. */
export interface Circumstances {
  /** What else a runner would have in its environment. */
  readonly runner?: Readonly<Record<string, string>>
  /** Makes the text of the reusable workflow another one. */
  readonly changed?: (reusable: string) => string
}

/**
 * Runs a workflow's text with act, without containers and without the network, in a new repository that holds the files of `folder`'s
 * `caller`. The action and the reusable workflow are those of this checkout. Secrets travel in the environment. Artifacts are folders in
 * `artifacts`, where a later run in the same folder finds those of an earlier one.
 */
export async function runWorkflow(
  folder: string,
  workflow: string,
  secrets: Readonly<Record<string, string>>,
  { runner = {}, changed = (reusable) => reusable }: Circumstances = {},
): Promise<WorkflowRun> {
  const repositories = await releaseLocally(folder, changed)
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
async function releaseLocally(
  folder: string,
  changed: (reusable: string) => string,
): Promise<ReadonlyMap<string, string>> {
  const released = join(folder, 'released/signed-promote')
  for (const path of RELEASED) await cp(join(ROOT, path), join(released, path), { recursive: true })
  const reusable = await readFile(join(ROOT, REUSABLE), 'utf8')
  await writeFile(join(released, REUSABLE), changed(reusable))
  await commitAll(released)
  const standIns = { upload: UPLOAD, download: DOWNLOAD }
  for (const [name, text] of Object.entries(standIns)) {
    const standIn = join(folder, 'released', name)
    await mkdir(standIn, { recursive: true })
    await writeFile(join(standIn, 'action.yml'), text.replaceAll('@/', `${join(folder, ARTIFACTS)}/`))
    await commitAll(standIn)
  }
  const others = reusable.matchAll(/uses: (?<name>actions\/(?<what>upload|download)-artifact@\S+)/g)
  return new Map([
    [`${ACTION}@v1`, released],
    ...[...others].map(
      ({ groups }) => [groups?.name ?? '', join(folder, 'released', groups?.what ?? '')] as const,
    ),
  ])
}

/** The files of an artifact that a run in this folder has kept, sorted. */
export async function filesIn(folder: string, artifact: string): Promise<readonly string[]> {
  return (await readdir(join(folder, ARTIFACTS, artifact))).sort()
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

function readLog(log: string): Pick<WorkflowRun, 'outputs' | 'failed' | 'summary'> {
  const lines = log
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as LogLine)
  const outputs = lines.filter(({ command }) => command === 'set-output')
  const failures = lines.filter(({ stepResult }) => stepResult === 'failure')
  const summaries = lines.filter(({ command }) => command === 'summary')
  return {
    outputs: Object.fromEntries(outputs.map(({ name = '', arg = '' }) => [name, arg])),
    failed: [...new Set(failures.map(({ job = '' }) => job.trim()))],
    summary: summaries.map(({ content = '' }) => content).join('\n'),
  }
}
