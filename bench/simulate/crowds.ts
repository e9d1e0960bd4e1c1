import { countedOf, ownBounds, type Runner, sharedDemands } from './costs.ts'
import { type Crowd, playCrowd } from './crowd.ts'
import { type Quota, sumOf } from './registry-model.ts'
import type { ShardGroup } from './shard-size.ts'
import { type HostWork, type Route, type StepWork, workToCopy } from './work.ts'

/** How shards that copy at the same time get on with the tightest limit of a registry. */
export interface Bearing {
  readonly quota: string
  /** Requests that are given up in all, on average; a run with one of them fails, and its shard has to be run again. */
  readonly givenUp: number
  /** Answers 429 for each request that is taken. */
  readonly refusals: number
}

/** A limit that is asked for more than it has. */
interface Strain {
  readonly quota: Quota
  readonly host: HostWork
  readonly seconds: number
  /** What is asked for, as a multiple of what there is. */
  readonly factor: number
}

/** Plays the copying of all shards at once; undefined where no limit is reached. */
export async function bearLimits(
  route: Route,
  groups: readonly ShardGroup[],
  runner: Runner,
): Promise<Bearing | undefined> {
  const runners = groups.reduce((sum, { shards }) => sum + shards, 0)
  const steps = groups.map((group) => ({ shards: group.shards, step: workToCopy(route, group) }))
  const strains = steps.flatMap(({ step }) => strainsOf(step, runner, runners))
  const [tightest] = strains.toSorted((one, other) => other.factor - one.factor)
  if (tightest === undefined || tightest.factor <= 1) return undefined
  const { quota, host } = tightest
  const { givenUp, refusals } = await playCrowd(crowdOf(tightest, runner, runners))
  const counted = steps.reduce((sum, { shards, step }) => {
    const same = step.hosts.find((one) => one.host === host.host)
    return sum + (same ? shards * countedOf(same, quota) : 0)
  }, 0)
  return { quota: quota.name, givenUp: Math.round(givenUp * counted), refusals }
}

function strainsOf(step: StepWork, runner: Runner, runners: number): readonly Strain[] {
  // A limit of the runner's own address must not hide what it would ask for without.
  const quotas = step.hosts.flatMap(({ registry }) => registry.quotas.map(({ name }) => name))
  const isQuota = ({ name }: { readonly name: string }) => quotas.includes(name)
  const own = ownBounds(step, runner).filter((bound) => !isQuota(bound))
  const shared = sharedDemands(step).filter((demand) => !isQuota(demand))
  const seconds = Math.max(
    ...own.map((bound) => bound.seconds),
    ...shared.map(({ amount, perSecond }) => (amount * runners) / perSecond),
  )
  return step.hosts.flatMap((host) =>
    host.registry.quotas.map((quota) => {
      const wanted = (countedOf(host, quota) / seconds) * (quota.per === 'account' ? runners : 1)
      return { quota, host, seconds, factor: wanted / quota.perSecond }
    }),
  )
}

function crowdOf({ quota, host, seconds }: Strain, { concurrency }: Runner, runners: number): Crowd {
  const requests = sumOf(host.requests)
  return {
    runners: quota.per === 'account' ? runners : 1,
    concurrency,
    latency: host.registry.latency,
    pace: requests / seconds,
    counted: countedOf(host, quota) / requests,
    perSecond: quota.perSecond,
  }
}
