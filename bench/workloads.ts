import type { LinkShape } from './relay/relay.ts'

/**
 * The workloads by their letters: `BR`, `CR` and `DR` are B, C and D with each image in a repository of its own, `B1` is B on the link
 * of F, to one target, for comparison.
 */
export const WORKLOADS = {
  A: 'one image, 4 layers of 256 MiB',
  BR: '100 two-platform images in a repository each, shared base layers, `.sig` and `.att` each: first run',
  CR: 'BR again, nothing changed',
  DR: 'BR again, 1 image of 100 changed',
  B: 'the same 100 images in one repository: first run',
  C: 'B again, nothing changed',
  D: 'B again, 1 image of 100 changed',
  E: 'B with both signature families and an SBOM, from the referrers API to fallback tags',
  B1: 'B from a slow source to one target',
  F: 'B from a slow source to three targets',
  G: 'signing 50 images with a key',
} as const

export type WorkloadName = keyof typeof WORKLOADS

/** What the way to the registries is like; both sides have the same shape unless the source has its own. */
export interface Link {
  readonly name: string
  /** `null`: straight to the registries, with nothing between that costs time and counts. */
  readonly shape: LinkShape | null
  readonly sourceShape?: LinkShape
}

const MEGABIT = 1_000_000 / 8

/** Straight to the registries. */
export const LOOPBACK: Link = { name: 'loopback', shape: null }

/** A bandwidth such as a cloud's virtual machine has. */
export const TWO_GIGABIT: Link = { name: '2 Gbit/s', shape: { delay: 0, bandwidth: 2000 * MEGABIT } }

/** A source far away, and targets close by. */
export const SLOW_SOURCE: Link = {
  name: 'slow source',
  shape: { delay: 0, bandwidth: null },
  sourceShape: { delay: 25, bandwidth: 200 * MEGABIT },
}

/** So many milliseconds a request, without a limit of bandwidth. */
export function delayed(milliseconds: number): Link {
  return { name: `${milliseconds} ms`, shape: { delay: milliseconds, bandwidth: null } }
}

/** Workloads that are run one after the other for one tool, because the next needs what the one before left behind. */
export interface Chain {
  readonly workloads: readonly WorkloadName[]
  readonly links: readonly Link[]
  readonly targets: 1 | 3
  /** Without the slow tools. */
  readonly fastOnly?: boolean
  /** How often at most. */
  readonly repetitions?: number
}

/** All chains for these delays, in milliseconds. */
export function makeChains(delays: readonly number[]): readonly Chain[] {
  const links = delays.map(delayed)
  const slowest = links.slice(-1)
  return [
    { workloads: ['A'], links: [LOOPBACK, ...slowest, TWO_GIGABIT], targets: 1 },
    { workloads: ['BR', 'CR', 'DR'], links, targets: 1 },
    { workloads: ['B', 'C', 'D'], links: slowest, targets: 1 },
    { workloads: ['E'], links, targets: 1 },
    { workloads: ['B1'], links: [SLOW_SOURCE], targets: 1 },
    { workloads: ['F'], links: [SLOW_SOURCE, ...links], targets: 3 },
    { workloads: ['G'], links, targets: 1 },
  ]
}

/** What the goals need, in five minutes. */
export function makeQuickChains(delays: readonly number[]): readonly Chain[] {
  const links = delays.map(delayed)
  return [
    { workloads: ['A'], links: [LOOPBACK, TWO_GIGABIT], targets: 1, fastOnly: true, repetitions: 1 },
    { workloads: ['BR', 'CR', 'DR'], links, targets: 1, repetitions: 2 },
    { workloads: ['B', 'C', 'D'], links, targets: 1, fastOnly: true, repetitions: 1 },
    { workloads: ['B1'], links: [SLOW_SOURCE], targets: 1, repetitions: 1 },
    { workloads: ['F'], links: [SLOW_SOURCE], targets: 3, repetitions: 1 },
    { workloads: ['G'], links, targets: 1, repetitions: 1 },
  ]
}
