import { formatTable } from '../../tools/markdown.ts'
import type { Figures } from './figures.ts'
import { formatTime } from './format-time.ts'
import { type MeasuredLink, modelOf } from './measured-links.ts'
import { ACTIONS, PUBLISHED_LIMITS } from './published-limits.ts'
import { ROWS } from './rows.ts'
import { finishJob, planJob, type RunTime, secondRun, shardJobs, USUAL_CONCURRENCY } from './runs.ts'
import { bestSchedule, FEW, numberedCuts, type Schedule, scheduleOf, wholeOf } from './schedules.ts'

const GB = 1e9
const SECONDS_AN_HOUR = 3600

/** What to set for each registry, found by trying every schedule of the tables. */
export function formatAdvice(figures: Figures): string {
  const rows = ROWS.map((row) => {
    const best = bestSchedule(row, figures)
    const found = best
      ? [String(best.shards), String(best.concurrency), formatTime(best.seconds)]
      : ['none', '', 'never']
    return [row.name, ...found, row.advice]
  })
  return formatTable(['Three targets', '`shards`', '`concurrency`', 'Time', 'Besides'], rows)
}

/** The first promotion by number of shards: how long it takes, and what it waits for. */
export function formatFirst(figures: Figures): string {
  const cuts = numberedCuts(figures)
  const rows = ROWS.map((row) => [
    row.name,
    ...cuts.map((cut) => formatSchedule(scheduleOf(row, cut, USUAL_CONCURRENCY, figures))),
  ])
  return formatTable(['Three targets', ...cuts.map(({ shards }) => count(shards, 'shard'))], rows)
}

/** Requests of the same, to all registries together, and the hours of all runners where the jobs come to their end. */
export function formatRequests(figures: Figures): string {
  const cuts = numberedCuts(figures)
  const rows = ROWS.map((row) => {
    const schedules = cuts.map((cut) => scheduleOf(row, cut, USUAL_CONCURRENCY, figures))
    const requests = [schedules[0], schedules.at(-1)].map((schedule) => thousands(schedule?.requests ?? 0))
    const hours = schedules.map(({ runnerSeconds, isTooLong }) =>
      isTooLong ? '–' : (runnerSeconds / SECONDS_AN_HOUR).toFixed(1),
    )
    return [row.name, ...requests, ...hours]
  })
  const hours = cuts.map(({ shards }) => `h, ${count(shards, 'shard')}`)
  return formatTable(['Three targets', 'Requests, 1 shard', 'Requests, 256 shards', ...hours], rows)
}

/** What one job does alone: `plan`, `finish`, and a second run. */
export function formatSingles(figures: Figures): string {
  const { groups } = wholeOf(figures)
  const cell = (run: RunTime) => `${formatTime(run.seconds)}, ${thousands(run.requests)}: ${run.bottleneck}`
  const rows = ROWS.map(({ name, route }) => [
    name,
    ...[planJob, finishJob, secondRun].map((job) => cell(job(route, { groups }))),
  ])
  return formatTable(['Three targets', '`plan`', '`finish`', 'second run'], rows)
}

/** Requests that are given up, by shards and requests in flight. */
export function formatCrowds({ crowds }: Figures): string {
  const groups = Map.groupBy(crowds, ({ row, quota, concurrency }) => `${row}\n${quota}\n${concurrency}`)
  const shards = [...new Set(crowds.map((crowd) => crowd.shards))].toSorted((one, other) => one - other)
  const rows = [...groups].map(([key, group]) => [
    ...key.split('\n'),
    ...shards.map((number) => {
      const crowd = group.find((one) => one.shards === number)
      if (crowd === undefined) return '–'
      return `${crowd.givenUp < 1 ? 'holds' : thousands(crowd.givenUp)} (${crowd.refusals.toFixed(1)})`
    }),
  ])
  return formatTable(
    ['Three targets', 'Limit', '`concurrency`', ...shards.map((one) => count(one, 'shard'))],
    rows,
  )
}

/** How the release was cut. */
export function formatCuts({ cuts }: Figures): string {
  const rows = cuts.map(({ wanted, shards, read, leastRead, longest }) => [
    wanted === 'auto' ? `auto: ${shards}` : String(wanted),
    `${(read / GB).toFixed(1)} GB`,
    (read / leastRead).toFixed(2),
    longest.toFixed(2),
  ])
  return formatTable(
    ['`shards`', 'Read at the source', 'times the least', 'Longest shard, times the mean'],
    rows,
  )
}

/** The same shards when fewer jobs run at a time than there are. */
export function formatPlans(figures: Figures): string {
  const [, row] = ROWS
  const plans = Object.entries(ACTIONS.jobsAtATime)
  const rows = numberedCuts(figures).map(({ shards, groups }) => [
    String(shards),
    ...plans.map(([, jobsAtATime]) =>
      row === undefined ? '' : formatTime(shardJobs(row.route, { groups, jobsAtATime }).seconds),
    ),
  ])
  return formatTable(['`shards`', ...plans.map(([plan, jobs]) => `${plan}: ${jobs}`)], rows)
}

/** Measurements beside what the model says of them. */
export function formatMeasured(measured: readonly MeasuredLink[]): string {
  const rows = measured.map((link) => {
    const model = modelOf(link)
    const bandwidth = link.bandwidth === null ? '' : `, ${link.bandwidth / 1e6} MB/s`
    return [
      `${link.images} images, ${link.delay} ms${bandwidth}, \`concurrency\` ${link.concurrency}`,
      `${link.seconds.toFixed(1)} s, ${thousands(link.requests)}`,
      `${model.seconds.toFixed(1)} s, ${thousands(model.requests)}`,
      `${percent(model.seconds, link.seconds)}, ${percent(model.requests, link.requests)}`,
    ]
  })
  return formatTable(['Through the relay', 'Measured', 'Model', 'Difference of time, of requests'], rows)
}

/** Every published figure, and where it is from. */
export function formatLimits(): string {
  const rows = PUBLISHED_LIMITS.map(({ registry, limit, where, known, reading = '' }) => [
    registry,
    limit,
    reading,
    where,
    known,
  ])
  return formatTable(['', 'What is stated', 'How it is read here', 'Where', 'Known as of'], rows)
}

function formatSchedule({ seconds, bottleneck, givenUp, isTooLong }: Schedule): string {
  const patience = givenUp > FEW ? ['**gives up**'] : givenUp >= 1 ? ['may give up'] : []
  const ends = [...(isTooLong ? ['**job too long**'] : []), ...patience]
  return [`${formatTime(seconds)}: ${bottleneck}`, ...ends].join(', ')
}

function percent(model: number, measured: number): string {
  const part = Math.round((model / measured - 1) * 100)
  return `${part > 0 ? '+' : ''}${part} %`
}

function thousands(value: number): string {
  return Math.round(value).toLocaleString('en')
}

function count(value: number, what: string): string {
  return `${value} ${what}${value === 1 ? '' : 's'}`
}
