import { resolve } from 'node:path'
import { ASSUMPTIONS } from './assumptions.ts'
import type { Figures } from './figures.ts'
import type { MeasuredLink } from './measured-links.ts'
import {
  formatAdvice,
  formatCrowds,
  formatCuts,
  formatFirst,
  formatLimits,
  formatMeasured,
  formatPlans,
  formatRequests,
  formatSingles,
} from './page-tables.ts'
import { FEW } from './schedules.ts'

/** The page that is made of all this. */
export const PAGE = resolve(import.meta.dirname, '../../docs/scale.md')

const MILLISECONDS = 1000
const MEGABIT = 1_000_000 / 8

/** The whole page; the same figures make the same text. */
export function formatPage(figures: Figures, measured: readonly MeasuredLink[]): string {
  const parts = [introduction(), advice(figures), results(figures), method(figures), evidence(measured)]
  return `${parts.join('\n\n')}\n`
}

function advice(figures: Figures): string {
  return `## What to set

Found by trying 1, 4, 16, 64 and 256 shards with 64, 16, 4 and 1 requests in flight to a host: the fewest runners of all that come to
their end in at most one and a half times what the quickest takes. \`plan\` and \`finish\` are in the time.

${formatAdvice(figures)}

For any of them:

- **\`shards: auto\`** goes by bytes and requests and knows no quotas: with a registry that has them take the number above.
- **\`concurrency\`** is for each runner. A limit of an account is shared by all: more runners need fewer requests in flight each. What "gives up" means
  stands [below](#what-a-limit-bears).
- **\`read-back\`**: leave it at \`auto\`, which asks for what was sent and does not read all of it again above 1 GiB a runner. \`full\` reads
  every byte back from three targets, three times what it reads from the source.
- **Log in everywhere**, also where reading is free: limits of an address without login are the lowest there are, and hosted runners share addresses.
- **Runners belong where the bytes are**: near the targets, because three times as much is written as is read. In the registries' own network latency
  stops to matter, and the network of the runner is all that is left.
- **A run that gave up** is run again: it sends only what is missing. A failed shard is run again alone.`
}

function results(figures: Figures): string {
  return `## The first promotion

By number of shards with 64 requests in flight to a host: the time of all jobs in a row (\`plan\`, the shards side by side, \`finish\`; one shard is a
single \`promote\`), and what was waited for most. **gives up**: some requests are refused six times in a row, so that shards fail and have to be run
again; *may give up*: at most ${FEW}, for which one more run is enough. **job too long**: GitHub ends a job after six hours.

${formatFirst(figures)}

Requests to all registries together, and hours of all runners:

${formatRequests(figures)}

## What one job does alone

\`plan\` of the first promotion; \`finish\` when all is there but the tags, which looks at every image at the source and at three targets; and a second run
with nothing to do. None of them is divided among shards: time, requests, and what is waited for. After a \`plan\` that finds nothing to do no shard is started.

${formatSingles(figures)}

## What a limit bears

All shards copying at the same time: how many requests are given up in all, and in brackets how many answers 429 there are for each that is taken. Each
request is tried six times within about twelve seconds; a runner lowers what it has in flight to one request, and no further. So it is
the number of runners that a limit has to bear, and with many of them no setting helps. "–": the limit is not reached.

${formatCrowds(figures)}

## How many runners

\`auto\` is one shard for as much as a runner does in about ten minutes. Cutting costs bytes, because what is in two shards is read twice:

${formatCuts(figures)}

The shards alone, by the jobs that GitHub runs at a time, to any registry without limits. More shards than jobs at a time are of use only when they may fail
one by one. In November 2026 an Enterprise account reported 120 to 190 jobs at a time instead of 500
([community discussion 212713](https://github.com/orgs/community/discussions/212713)).

${formatPlans(figures)}`
}

function introduction(): string {
  return `# Scale

How long a release of 10,000 images takes, and what to set. **Nothing here was measured at a hosted registry**: the figures come from a simulation, which is
as good as the limits that the registries publish and the assumptions at the end. Read them as "minutes or hours", and as what will be in the way.

The release: 10,000 images of two platforms on 40 base images, 100 GB of distinct blobs, each with a \`.sig\` and an \`.att\` and a repository of its own. It is
promoted to three targets under one tag, with verification at both ends. Page and figures are made by \`node bench/simulate/simulate.ts --write\`.`
}

function method({ crowds }: Figures): string {
  return `## How it is simulated

- **The plan** is the product's own, made by \`src/plan/assemble-plan.ts\` from images that code makes up (seeded: bases by popularity, layers of widely
  different size), and cut by \`src/plan/cut-shards.ts\`.
- **Requests** are counted as the program makes them; a test promotes images through registries that count and compares, kind by kind.
- **Time** is a flow: the requests and bytes of a step (look, preflight, copy, verify, move tags) go side by side as fast as the narrowest of the following
  allows: requests in flight to each host, the runner's network and processor, four large blobs at a time, 32 tags at a time, and what all runners
  share, which is divided evenly: quotas and bandwidth of the registries.
- **429** are played request by request, by the product's own limit of requests in flight (\`src/registry/host-limit.ts\`) and its waits, on a simulated
  clock: ${crowds.length} crowds of runners. Where one is seldom given up, the chance that all six attempts are refused stands for it.`
}

function evidence(measured: readonly MeasuredLink[]): string {
  const { jobStart, runnerBandwidth, hostedLatency, nearLatency, processorPerRequest, processorPerByte } =
    ASSUMPTIONS
  return `## Against a measurement

The release of the bench ([performance.md](performance.md)) through the bench's relay, to one target, on a machine of two cores that also ran both
registries, the relay and other work, with \`read-back: head\`. The model knows the link and nothing of these registries, which take time of their own: it says
what a run takes at least.

${formatMeasured(measured)}

## Assumptions

| Assumed | |
| --- | --- |
| From the start of a job to its first request | ${jobStart} s |
| Network of a runner, each way | ${runnerBandwidth / MEGABIT} Mbit/s |
| Latency of a request to a hosted registry; in the own network | ${hostedLatency * MILLISECONDS} ms; ${nearLatency * MILLISECONDS} ms |
| Processor time of a request; of a GB that passes (from [performance.md](performance.md)) | ${processorPerRequest * MILLISECONDS} ms; ${processorPerByte * 1e9} s |
| A quota holds what it grants in one second, and a 429 comes without \`Retry-After\` | |
| Blobs can be mounted from other repositories, unless a row says otherwise; a mount counts as the begin of an upload | |
| Three targets are three registries, regions or accounts, with limits of their own; on GHCR and Docker Hub three places on one host | |

Left out: requests for tokens, time that a registry takes to commit large uploads, redirects to blob storage, people who approve, and other users of the same quota.

## Published limits

${formatLimits()}`
}
