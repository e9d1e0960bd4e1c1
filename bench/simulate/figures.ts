import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { cutShards } from '../../src/plan/cut-shards.ts'
import { ASSUMPTIONS } from './assumptions.ts'
import { type Bearing, bearLimits } from './crowds.ts'
import { planRelease, THREE_HOSTS } from './plan-release.ts'
import { makeRelease } from './release.ts'
import { ROWS } from './rows.ts'
import { groupShards, type ShardGroup, sizeOf } from './shard-size.ts'

/** A cut of the release by the product, and how good it says that it is. */
export interface Cut {
  readonly wanted: number | 'auto'
  readonly shards: number
  readonly read: number
  readonly leastRead: number
  /** Load of the longest shard as a multiple of the mean. */
  readonly longest: number
  readonly groups: readonly ShardGroup[]
}

/** How so many runners get on with a registry's limits; only those that reach one are listed. */
export interface Crowding extends Bearing {
  readonly row: string
  readonly shards: number
  readonly concurrency: number
}

/** What takes longer to work out than the rest of the page. */
export interface Figures {
  readonly cuts: readonly Cut[]
  readonly crowds: readonly Crowding[]
}

/** The release that is promoted. */
export const RELEASE = { images: 10_000, bytes: 100e9 } as const
export const CONCURRENCIES = [64, 16, 4, 1] as const

/** Where the figures are kept between two times that they are worked out. */
export const FIGURES_FILE = resolve(import.meta.dirname, 'figures.json')

const WANTED = [1, 4, 16, 64, 256, 'auto'] as const

/** The figures as they were kept last. */
export function readFigures(): Figures {
  return JSON.parse(readFileSync(FIGURES_FILE, 'utf8'))
}

/** Cuts the release and plays the crowds: about a minute. */
export async function workOutFigures(): Promise<Figures> {
  const plan = planRelease(makeRelease(RELEASE), THREE_HOSTS)
  const cuts = WANTED.map((wanted) => {
    const { shards, quality } = cutShards(plan, wanted)
    const { read, leastRead } = quality
    const groups = groupShards(shards.map((places) => sizeOf(plan, places)))
    return { wanted, shards: shards.length, read, leastRead, longest: quality.longest / quality.mean, groups }
  })
  return { cuts, crowds: await playCrowds(cuts) }
}

/** The crowds of all rows that have a limit, at each number of shards and of requests in flight. */
export async function playCrowds(cuts: readonly Cut[], rows = ROWS): Promise<readonly Crowding[]> {
  const crowds: Crowding[] = []
  for (const { name, route } of rows) {
    for (const { wanted, shards, groups } of cuts) {
      if (wanted === 'auto') continue
      for (const concurrency of CONCURRENCIES) {
        const bearing = await bearLimits(route, groups, {
          concurrency,
          bandwidth: ASSUMPTIONS.runnerBandwidth,
        })
        if (bearing !== undefined) crowds.push({ row: name, shards, concurrency, ...bearing })
      }
    }
  }
  return crowds
}
