import { type OwnBound, ownBounds, type Runner, type SharedDemand, sharedDemands } from './costs.ts'
import type { StepWork } from './work.ts'

/** So many runners that do the same, step by step. */
export interface Squad {
  readonly runners: number
  readonly steps: readonly StepWork[]
}

/** How a fleet is started. Seconds. */
export interface FleetOptions extends Runner {
  readonly jobStart: number
  /** Jobs that run side by side; further ones wait for one of them to end. */
  readonly jobsAtATime: number
}

/** How long all of it took, what the runners waited for most, and the seconds of all jobs together. */
export interface FleetTime {
  readonly seconds: number
  readonly bottleneck: string
  readonly runnerSeconds: number
}

const JOB_START = 'the start of jobs'
/** A step that is so nearly done has only rounding left. */
const DONE = 1e-9

interface Stage {
  readonly bound: OwnBound
  readonly demands: readonly SharedDemand[]
}

/** One squad at work: which part of its stage is left. */
interface Working {
  readonly runners: number
  readonly stages: readonly Stage[]
  at: number
  left: number
}

/**
 * Lets a fleet run as a flow: all requests and bytes of a step go side by side, as fast as the narrowest of the runner's own bounds allows, and what
 * runners share is divided among them evenly. Time passes from the end of one squad's step to the next.
 */
export function runFleet(squads: readonly Squad[], options: FleetOptions): FleetTime {
  const waiting = squads.flatMap((squad) => splitSquad(squad, options)).toReversed()
  const working: Working[] = []
  const waits = new Map<string, number>()
  let [seconds, runnerSeconds] = [0, 0]
  for (;;) {
    startJobs(waiting, working, options.jobsAtATime)
    if (working.length === 0) break
    const paces = paceAll(working)
    const passed = Math.min(...paces.map(({ squad, speed }) => squad.left / speed))
    for (const { squad, speed, because } of paces) {
      squad.left -= passed * speed
      waits.set(because, (waits.get(because) ?? 0) + passed * squad.runners)
      runnerSeconds += passed * squad.runners
      if (squad.left < DONE) nextStage(squad)
    }
    seconds += passed
    working.splice(0, working.length, ...working.filter(({ at, stages }) => at < stages.length))
  }
  const [longest] = [...waits].toSorted(([, one], [, other]) => other - one)
  return { seconds, runnerSeconds, bottleneck: longest?.[0] ?? '' }
}

/** A squad whose runners cannot all run at a time is as many squads as it takes. */
function splitSquad({ runners, steps }: Squad, options: FleetOptions): readonly Working[] {
  const start: Stage = { bound: { name: JOB_START, seconds: options.jobStart }, demands: [] }
  const stages = [start, ...steps.map((step) => toStage(step, options))].filter(
    ({ bound }) => bound.seconds > 0,
  )
  return Array.from({ length: Math.ceil(runners / options.jobsAtATime) }, (_, index) => ({
    runners: Math.min(options.jobsAtATime, runners - index * options.jobsAtATime),
    stages,
    at: 0,
    left: 1,
  }))
}

function toStage(step: StepWork, runner: Runner): Stage {
  const [bound = { name: '', seconds: 0 }] = ownBounds(step, runner).toSorted(
    (one, other) => other.seconds - one.seconds,
  )
  return { bound, demands: sharedDemands(step) }
}

function startJobs(waiting: Working[], working: Working[], most: number): void {
  const busy = () => working.reduce((sum, { runners }) => sum + runners, 0)
  for (
    let next = waiting.at(-1);
    next !== undefined && busy() + next.runners <= most;
    next = waiting.at(-1)
  ) {
    working.push(next)
    waiting.pop()
  }
}

function nextStage(squad: Working): void {
  squad.at += 1
  squad.left = 1
}

/** Parts of its stage that each squad does in a second, and what keeps it from more. */
interface Pace {
  readonly squad: Working
  readonly speed: number
  readonly because: string
}

function paceAll(working: readonly Working[]): readonly Pace[] {
  const alone = working.map((squad) => ({ squad, ...stageOf(squad) }))
  const wanted = new Map<string, { readonly perSecond: number; readonly takers: Taker[] }>()
  for (const { squad, bound, demands } of alone) {
    for (const { key, amount, perSecond } of demands) {
      const shared = wanted.get(key) ?? { perSecond, takers: [] }
      wanted.set(key, shared)
      shared.takers.push({ runners: squad.runners, rate: amount / bound.seconds })
    }
  }
  const shares = new Map(
    [...wanted].map(([key, { perSecond, takers }]) => [key, fairShare(takers, perSecond)]),
  )
  return alone.map(({ squad, bound, demands }) => {
    let pace: Pace = { squad, speed: 1 / bound.seconds, because: bound.name }
    for (const { key, name, amount } of demands) {
      const speed = (shares.get(key) ?? Number.POSITIVE_INFINITY) / amount
      if (speed < pace.speed) pace = { squad, speed, because: name }
    }
    return pace
  })
}

function stageOf({ stages, at }: Working): Stage {
  const stage = stages[at]
  if (stage === undefined) throw new Error('a squad works on after its last step')
  return stage
}

/** Who would take so much a second, if there were enough. */
interface Taker {
  readonly runners: number
  readonly rate: number
}

/** The most that anybody gets, so that nobody who wants less goes short and all of it is used. */
function fairShare(takers: readonly Taker[], perSecond: number): number {
  let [left, runners] = [perSecond, takers.reduce((sum, taker) => sum + taker.runners, 0)]
  for (const taker of takers.toSorted((one, other) => one.rate - other.rate)) {
    if (taker.rate * runners > left) return left / runners
    left -= taker.rate * taker.runners
    runners -= taker.runners
  }
  return Number.POSITIVE_INFINITY
}
