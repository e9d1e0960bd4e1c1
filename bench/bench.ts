import { rmSync } from 'node:fs'
import { mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { buildDistribution } from '../tools/build.ts'
import { replaceBetween } from '../tools/markdown.ts'
import { BenchSession } from './bench-session.ts'
import { judgeGoals } from './goals.ts'
import { describeMachine, type FoundPeers, findPeers } from './machine.ts'
import { HELP, type Options, readOptions } from './options.ts'
import { formatRequests } from './request-table.ts'
import type { Run } from './run.ts'
import { buildRelease } from './samples/build-samples.ts'
import { contentBytes } from './samples/sample-image.ts'
import { runScale } from './scale/run-scale.ts'
import { runShards } from './scale/run-shards.ts'
import { judgeScale } from './scale/scale-goals.ts'
import { formatScale } from './scale/scale-table.ts'
import { formatShards, judgeShards } from './scale/shard-goals.ts'
import { Stage } from './stage.ts'
import { summarise } from './summary.ts'
import { formatGoals, formatWorkloads } from './tables.ts'
import { makeOurs } from './tools/ours.ts'
import type { Tool } from './tools/tool.ts'
import { makeChains, makeQuickChains, type WorkloadName } from './workloads.ts'

const PAGE = resolve(import.meta.dirname, '../docs/performance.md')

/** What a bench leaves: its parts of the page by their markers, and everything it measured. */
interface Outcome {
  readonly sections: Readonly<Record<string, string>>
  readonly data: unknown
}

async function runBench(options: Options): Promise<void> {
  const folder = await mkdtemp(join(options.storage, 'signed-promote-bench-'))
  const clear = () => rmSync(folder, { recursive: true, force: true })
  process.once('exit', clear)
  try {
    const cli = await buildProgram(join(folder, 'program'))
    await using stage = new Stage(folder)
    const run = options.scale ? measureScale : options.shards ? measureShards : measureAll
    await publish(await run(stage, cli, options), options)
  } finally {
    process.off('exit', clear)
    clear()
  }
}

/** The sources as they are now, the way users get them. */
async function buildProgram(folder: string): Promise<string> {
  await buildDistribution(folder)
  await writeFile(join(folder, 'package.json'), '{"type":"module"}')
  return join(folder, 'cli.js')
}

async function measureAll(stage: Stage, cli: string, options: Options): Promise<Outcome> {
  const peers = await findPeers()
  tellMissing(peers)
  const tools = chooseTools([...makeOurs(cli), ...peers.tools], options)
  const runs: Run[] = []
  const session = new BenchSession(stage, tools, options, (run) => {
    runs.push(run)
    tellRun(run)
  })
  const chains = (options.quick ? makeQuickChains : makeChains)(options.delays).filter(({ workloads }) =>
    isWanted(workloads, options),
  )
  for (const chain of chains) await session.runChain(chain)
  const summaries = summarise(runs)
  const releaseBytes = contentBytes(buildRelease({ keys: stage.keys, count: 100 }))
  const goals = judgeGoals({ summaries, releaseBytes })
  const requests = formatRequests(runs)
  const machine = describeConditions(peers, options)
  return {
    sections: {
      'bench machine': machine,
      'bench goals': formatGoals(goals),
      'bench workloads': formatWorkloads(summaries),
      ...(requests !== undefined && { 'bench requests': requests }),
    },
    data: { machine, versions: peers.versions, releaseBytes, goals, summaries, runs },
  }
}

/** F brings B1, with which it is compared. */
function isWanted(workloads: readonly WorkloadName[], { only }: Options): boolean {
  if (only.length === 0) return true
  return workloads.some((one) => only.includes(one) || (one === 'B1' && only.includes('F')))
}

async function measureScale(stage: Stage, cli: string, options: Options): Promise<Outcome> {
  const runs = await runScale(stage, cli, options.delays, tellLine)
  const goals = judgeScale(runs)
  const section = `${formatGoals(goals)}\n\n${formatScale(runs)}`
  return { sections: { 'bench scale': section }, data: { machine: describeMachine(), goals, runs } }
}

async function measureShards(stage: Stage, cli: string): Promise<Outcome> {
  const run = await runShards(await stage.clearWork(), cli, tellLine)
  const goals = judgeShards(run)
  const section = `${formatGoals(goals)}\n\n${formatShards(run.jobs)}`
  return { sections: { 'bench shards': section }, data: { machine: describeMachine(), goals, ...run } }
}

function chooseTools(tools: readonly Tool[], options: Options): readonly Tool[] {
  if (options.tools.length === 0) return tools
  return tools.filter(({ name }) => options.tools.some((beginning) => name.startsWith(beginning)))
}

async function publish({ sections, data }: Outcome, options: Options): Promise<void> {
  process.stdout.write(`\n${Object.values(sections).join('\n\n')}\n`)
  if (options.json !== undefined) await writeFile(options.json, JSON.stringify(data, null, 2))
  if (!options.write) return
  let page = await readFile(PAGE, 'utf8')
  for (const [marker, content] of Object.entries(sections)) page = replaceBetween(page, marker, content)
  await writeFile(PAGE, page)
}

function describeConditions(
  { versions }: FoundPeers,
  { repetitions, slowRepetitions, seed }: Options,
): string {
  const names = Object.entries(versions).map(([name, version]) => `${name} ${version}`)
  return [
    `Machine: ${describeMachine()}.`,
    `Tools: ${names.join(', ')}.`,
    `Medians of ${repetitions} runs, of slow tools ${slowRepetitions}; seed ${seed}.`,
  ].join('\n')
}

function tellMissing({ missing }: FoundPeers): void {
  for (const { name, install } of missing) tellLine(`not on the PATH: ${name} (${install})`)
}

function tellRun({ workload, link, tool, wall, cpu, failure }: Run): void {
  const numbers = `${wall.toFixed(2)} s, CPU ${cpu.toFixed(2)} s`
  tellLine(`${workload} ${link} ${tool}: ${failure === null ? numbers : failure}`)
}

/** Progress goes to standard error, so that standard output is the tables. */
function tellLine(line: string): void {
  process.stderr.write(`${line}\n`)
}

// An interrupted bench leaves neither registries nor folders behind: both go when the process exits.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))

const options = readOptions(process.argv.slice(2))
if (options === undefined) process.stdout.write(HELP)
else await runBench(options)
