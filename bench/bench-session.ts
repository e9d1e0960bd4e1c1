import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { buildLock } from '../__tests__/builders/build-lock.ts'
import { type Arrivals, addArrivals, countArrivals } from './arrivals.ts'
import { measure } from './measure.ts'
import { failureOf, type Run } from './run.ts'
import { SampleShelf, type Shelved } from './sample-shelf.ts'
import { nameOf, type Place } from './samples/layout.ts'
import { shuffle } from './samples/shuffle.ts'
import type { SiteName, Stage } from './stage.ts'
import type { Job, Tool } from './tools/tool.ts'
import type { Chain, Link, WorkloadName } from './workloads.ts'

/** How often tools run, and in which order. */
export interface Schedule {
  readonly repetitions: number
  readonly slowRepetitions: number
  readonly seed: string
}

interface Turn {
  readonly workload: WorkloadName
  readonly link: Link
  readonly tool: Tool
  readonly repetition: number
  readonly targets: readonly SiteName[]
  readonly targetRepository: string
}

const TARGETS: readonly SiteName[] = ['target 1', 'target 2', 'target 3']
/** For registries to finish what a run left them, in milliseconds. */
const REST = 200

/** Runs chains of workloads with all tools in turns, and keeps what each run cost. */
export class BenchSession {
  readonly #stage: Stage
  readonly #shelf: SampleShelf
  readonly #tools: readonly Tool[]
  readonly #schedule: Schedule
  readonly #done: (run: Run) => void
  #series = 0

  constructor(stage: Stage, tools: readonly Tool[], schedule: Schedule, done: (run: Run) => void) {
    this.#stage = stage
    this.#shelf = new SampleShelf(stage)
    this.#tools = tools
    this.#schedule = schedule
    this.#done = done
  }

  /** Round robin: every tool once, each repetition in another order, so that what changes on the machine hits all alike. */
  async runChain(chain: Chain): Promise<void> {
    const { workloads, links, targets } = chain
    const repetitions = Math.min(chain.repetitions ?? Number.POSITIVE_INFINITY, this.#schedule.repetitions)
    for (const link of links) {
      for (let repetition = 1; repetition <= repetitions; repetition += 1) {
        this.#series += 1
        for (const workload of workloads) {
          const order = `${this.#schedule.seed} ${this.#series} ${workload}`
          for (const tool of shuffle(this.#toolsFor(workload, repetition, chain), order)) {
            const targetRepository = `series-${this.#series}/${this.#tools.indexOf(tool)}`
            const sites = TARGETS.slice(0, targets)
            this.#done(
              await this.#take({ workload, link, tool, repetition, targets: sites, targetRepository }),
            )
          }
        }
      }
    }
  }

  #toolsFor(workload: WorkloadName, repetition: number, { fastOnly }: Chain): readonly Tool[] {
    const slowAlso = !fastOnly && repetition <= this.#schedule.slowRepetitions
    return this.#tools
      .filter(({ workloads }) => workloads.includes(workload))
      .filter(({ slow }) => slowAlso || !slow)
  }

  async #take(turn: Turn): Promise<Run> {
    const { workload, link, tool, repetition, targets } = turn
    const samples = await this.#shelf.take(workload)
    const job = await this.#prepareJob(turn, samples)
    const command = tool.command(job)
    await this.#stage.prepare([samples.site, ...targets], link)
    const cost = await measure(command, job.folder)
    const { wall, cpu, memory } = cost
    await pause(REST)
    const source = await this.#stage.takeTraffic([samples.site])
    const target = await this.#stage.takeTraffic(targets)
    return {
      ...{ workload, link: link.name, tool: tool.name, repetition, wall, cpu, memory },
      source: link.shape && source,
      target: link.shape && workload !== 'G' ? target : null,
      arrivals: workload === 'G' ? null : await this.#countArrivals(turn, samples),
      failure: failureOf(cost),
    }
  }

  async #prepareJob(turn: Turn, { images, site, repository, spread }: Shelved): Promise<Job> {
    const { workload, link, targets, targetRepository } = turn
    const source = { host: await this.#stage.address(site, link), repository, spread }
    const folder = await this.#stage.clearWork()
    const listed = images.map((sample) => ({ image: `${nameOf(source, sample)}@${sample.image.digest}` }))
    await writeFile(join(folder, 'images.yml'), buildLock(listed))
    const places: Place[] = []
    for (const name of targets) {
      places.push({ host: await this.#stage.address(name, link), repository: targetRepository, spread })
    }
    return { workload, images, source, targets: places, folder }
  }

  /** In all targets together. */
  async #countArrivals({ tool, targets, targetRepository }: Turn, shelved: Shelved): Promise<Arrivals> {
    const spread = shelved.spread && !tool.gathers
    const parts: Arrivals[] = []
    for (const name of targets) {
      const place = { host: await this.#stage.direct(name), repository: targetRepository, spread }
      parts.push(await countArrivals(shelved.images, place))
    }
    return addArrivals(parts)
  }
}
