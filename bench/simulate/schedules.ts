import { CONCURRENCIES, type Crowding, type Cut, type Figures } from './figures.ts'
import { ACTIONS } from './published-limits.ts'
import type { Row } from './rows.ts'
import { finishJob, firstPromotion, inARow, planJob, type RunTime, shardJobs } from './runs.ts'

/** A first promotion with so many shards: its time with `plan` and `finish`, and why it does not come to its end, if it does not. */
export interface Schedule extends RunTime {
  readonly shards: number
  readonly concurrency: number
  /** Requests that are given up. */
  readonly givenUp: number
  /** A job would be ended by GitHub. */
  readonly isTooLong: boolean
}

const SECONDS_AN_HOUR = 3600
/** Requests given up that one more run makes good: it sends only what is missing. */
export const FEW = 5
/** More runners have to bring the time below this part of what fewer take. */
const WORTH = 2 / 3

/** One promotion of the whole release by these shards; a single one needs neither `plan` nor `finish`. */
export function scheduleOf({ name, route }: Row, cut: Cut, concurrency: number, figures: Figures): Schedule {
  const whole = { groups: wholeOf(figures).groups, concurrency }
  const jobs =
    cut.shards === 1
      ? [firstPromotion(route, whole)]
      : [
          planJob(route, whole),
          shardJobs(route, { groups: cut.groups, concurrency }),
          finishJob(route, whole),
        ]
  const longest = Math.max(...jobs.map(({ seconds }) => seconds))
  const isCrowd = (one: Crowding) =>
    one.row === name && one.shards === cut.shards && one.concurrency === concurrency
  return {
    ...inARow(jobs),
    shards: cut.shards,
    concurrency,
    givenUp: figures.crowds.find(isCrowd)?.givenUp ?? 0,
    isTooLong: longest > ACTIONS.jobHours * SECONDS_AN_HOUR,
  }
}

/** The quickest schedule that comes to its end, of those that are nearly as quick the one with the fewest runners; undefined where none does. */
export function bestSchedule(row: Row, figures: Figures): Schedule | undefined {
  const holding = numberedCuts(figures)
    .flatMap((cut) => CONCURRENCIES.map((concurrency) => scheduleOf(row, cut, concurrency, figures)))
    .filter((schedule) => schedule.givenUp <= FEW && !schedule.isTooLong)
  const quickest = Math.min(...holding.map(({ seconds }) => seconds))
  return holding.find(({ seconds }) => seconds * WORTH <= quickest)
}

/** The cuts of the tables, the fewest shards first. */
export function numberedCuts({ cuts }: Figures): readonly Cut[] {
  return cuts.filter(({ wanted }) => wanted !== 'auto')
}

/** The release as one shard. */
export function wholeOf({ cuts }: Figures): Cut {
  const whole = cuts.find(({ shards }) => shards === 1)
  if (whole === undefined) throw new Error('the figures lack the whole release as one shard')
  return whole
}
