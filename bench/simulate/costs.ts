import { ASSUMPTIONS } from './assumptions.ts'
import { type Quota, sumOf } from './registry-model.ts'
import type { HostWork, StepWork } from './work.ts'

/** Seconds that a step takes at least for one runner alone, because of this. */
export interface OwnBound {
  readonly name: string
  readonly seconds: number
}

/** What a step takes from something that all runners share: so much of what there is so much of in a second. */
export interface SharedDemand {
  readonly key: string
  readonly name: string
  readonly amount: number
  readonly perSecond: number
}

/** How a runner is set up. */
export interface Runner {
  readonly concurrency: number
  /** Bytes a second each way. */
  readonly bandwidth: number
}

/** Everything that keeps one runner from being quicker, however few others there are. */
export function ownBounds({ hosts, queue }: StepWork, runner: Runner): readonly OwnBound[] {
  const requests = sum(hosts.map((host) => sumOf(host.requests)))
  const [read, written] = [sum(hosts.map((host) => host.read)), sum(hosts.map((host) => host.written))]
  const slowest = Math.max(...hosts.map(({ registry }) => registry.latency))
  const { processorPerRequest, processorPerByte } = ASSUMPTIONS
  return [
    ...hosts.map((host) => ({ name: 'requests in flight', seconds: secondsInFlight(host, runner) })),
    { name: "the runner's network", seconds: Math.max(read, written) / runner.bandwidth },
    {
      name: "the runner's processor",
      seconds: requests * processorPerRequest + (read + written) * processorPerByte,
    },
    ...(queue ? [{ name: queue.name, seconds: (queue.latencies * slowest) / queue.places }] : []),
    ...hosts.flatMap((host) =>
      quotasOf(host, 'address').map((quota) => ({
        name: quota.name,
        seconds: countedOf(host, quota) / quota.perSecond,
      })),
    ),
  ]
}

/** What a step takes from the registries' accounts and bandwidth. */
export function sharedDemands({ hosts }: StepWork): readonly SharedDemand[] {
  return hosts.flatMap((work) => {
    const { host, registry, read, written } = work
    const demands = [
      ...quotasOf(work, 'account').map((quota) => ({ ...quota, amount: countedOf(work, quota) })),
      ...(registry.download
        ? [{ name: 'download bandwidth', amount: read, perSecond: registry.download }]
        : []),
      ...(registry.upload ? [{ name: 'upload bandwidth', amount: written, perSecond: registry.upload }] : []),
    ]
    return demands
      .filter(({ amount }) => amount > 0)
      .map(({ name, amount, perSecond }) => ({ key: `${host} ${name}`, name, amount, perSecond }))
  })
}

/** Requests of a host's work that a quota counts. */
export function countedOf({ requests }: HostWork, { kinds }: Quota): number {
  return sumOf(requests, kinds)
}

function secondsInFlight({ requests, registry }: HostWork, { concurrency }: Runner): number {
  return (sumOf(requests) * registry.latency) / concurrency
}

function quotasOf({ registry }: HostWork, per: Quota['per']): readonly Quota[] {
  return registry.quotas.filter((quota) => quota.per === per)
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
