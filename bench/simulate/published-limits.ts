/** A figure that somebody states, where, and as of when it was seen there. */
export interface PublishedLimit {
  readonly registry: string
  readonly limit: string
  readonly where: string
  readonly known: string
  /** What the model makes of it, where the words leave that open. */
  readonly reading?: string
}

const SECONDS_A_MINUTE = 60
const SECONDS_IN_SIX_HOURS = 6 * 3600
/** Mbit/s as bytes a second. */
const MEGABIT = 1_000_000 / 8

/** Amazon ECR: requests a second for an account in a region, each but the last to be raised on request. */
export const ECR = {
  batchGetImage: 2000,
  batchCheckLayerAvailability: 1000,
  getDownloadUrlForLayer: 3000,
  initiateLayerUpload: 100,
  completeLayerUpload: 100,
  putImage: 10,
} as const

/** Google Artifact Registry: requests a second for a project in a region. */
export const GAR = { requests: 60_000 / SECONDS_A_MINUTE, writes: 18_000 / SECONDS_A_MINUTE } as const

/** Azure Container Registry, by tier: operations a second; bandwidth in bytes a second. */
export const ACR = {
  standard: {
    ...{ reads: 3000 / SECONDS_A_MINUTE, writes: 500 / SECONDS_A_MINUTE },
    ...{ download: 60 * MEGABIT, upload: 20 * MEGABIT },
  },
  premium: {
    ...{ reads: 10_000 / SECONDS_A_MINUTE, writes: 2000 / SECONDS_A_MINUTE },
    ...{ download: 100 * MEGABIT, upload: 50 * MEGABIT },
  },
} as const

/** GitHub Container Registry: requests a second, from the words of its 429 answers. */
export const GHCR = { reads: 44_000 / SECONDS_A_MINUTE, uploads: 2000 / SECONDS_A_MINUTE } as const

/** Docker Hub: pulls of a personal account, and requests of an address, a second. */
export const DOCKER_HUB = {
  personalPulls: 200 / SECONDS_IN_SIX_HOURS,
  anyRequest: 2000 / SECONDS_A_MINUTE,
} as const

/** GitHub Actions: jobs of one matrix, hours of one job, and jobs at a time by plan. */
export const ACTIONS = {
  matrixJobs: 256,
  jobHours: 6,
  jobsAtATime: { Free: 20, Pro: 40, Team: 60, Enterprise: 500 },
} as const

/** Where each of these figures is from. */
export const PUBLISHED_LIMITS: readonly PublishedLimit[] = [
  {
    registry: 'Amazon ECR',
    limit:
      'A second, account and region: PutImage 10, InitiateLayerUpload 100, CompleteLayerUpload 100, UploadLayerPart 500, BatchCheckLayerAvailability 1,000, BatchGetImage 2,000, GetDownloadUrlForLayer 3,000. Can be raised',
    where: 'https://docs.aws.amazon.com/AmazonECR/latest/userguide/service-quotas.html',
    known: 'read in November 2026, the page has no date',
    reading:
      'PUT of a manifest or tag is PutImage, POST of an upload or mount InitiateLayerUpload, PUT of a blob CompleteLayerUpload, HEAD of a blob BatchCheckLayerAvailability, GET of a blob GetDownloadUrlForLayer, any other manifest request BatchGetImage. The parts that a PUT is cut into are left out: what is sent here is far from 500 of them a second',
  },
  {
    registry: 'Google Artifact Registry',
    limit: 'A minute, project and region: 60,000 requests, of these 18,000 writes',
    where: 'https://cloud.google.com/artifact-registry/quotas',
    known: 'read in November 2026, the page has no date',
  },
  {
    registry: 'Azure Container Registry',
    limit:
      'Standard: 3,000 ReadOps and 500 WriteOps a minute, 60 Mbps down, 20 Mbps up. Premium: 10,000, 2,000, 100, 50. "Minimum estimates", by a note of the page',
    where:
      'https://github.com/MicrosoftDocs/azure-docs, includes/container-registry-limits.md (https://learn.microsoft.com/azure/container-registry/container-registry-skus)',
    known: 'October 2022; newer versions of the page name no rates',
    reading:
      'Each request that writes is a WriteOp, an upload thus two. Taken as they are written: what a registry gives beyond its minimum shortens the time. Versions of 2018 and 2020 said MBps, eight times as much',
  },
  {
    registry: 'GHCR',
    limit:
      'None published. Its 429 answers say "allowed: 2000/minute" to POST of an upload and "allowed: 44000/minute" to reads',
    where:
      'chainguard-images/images#173 (January 2023), gardenlinux/gardenlinux#2868 (March 2025); dependabot/cli#380 (November 2024), falcosecurity/plugins#1069 (November 2025), alexklibisz/terraform-provider-terrifi#50 (March 2026)',
    known: 'March 2026',
    reading: 'For whom is counted is not said: taken for an account, whatever number of runners it has',
  },
  {
    registry: 'Docker Hub, pulls',
    limit:
      'In six hours: 100 for an address without login, 200 for a personal account, none for paid ones. A GET of a manifest is a pull',
    where: 'https://docs.docker.com/docker-hub/usage/pulls/',
    known: 'July 2026',
  },
  {
    registry: 'Docker Hub, all requests',
    limit:
      '"In the order of thousands of requests per minute" for an IPv4 address or IPv6 /64 subnet, whatever the account',
    where: 'https://docs.docker.com/docker-hub/usage/, docker/docs#21905',
    known: 'February 2025',
    reading: '2,000 a minute for each runner, the least that can be called thousands',
  },
  {
    registry: 'GitHub Actions',
    limit:
      '256 jobs a matrix, 6 hours a job; jobs at a time: Free 20, Pro 40, Team 60, Enterprise 500, with larger runners 1,000',
    where: 'https://docs.github.com/en/actions/reference/limits',
    known: 'read in November 2026, the page has no date',
  },
]
