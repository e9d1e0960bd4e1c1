import { ASSUMPTIONS } from './assumptions.ts'
import { ACR, DOCKER_HUB, ECR, GAR, GHCR } from './published-limits.ts'
import { type Quota, REQUEST_KINDS, type RegistryModel, type RequestKind } from './registry-model.ts'

const WRITES: readonly RequestKind[] = ['PUT manifest', 'POST upload', 'PUT upload', 'DELETE upload']
const READS = REQUEST_KINDS.filter((kind) => !WRITES.includes(kind))

const HOSTED = {
  latency: ASSUMPTIONS.hostedLatency,
  isOneHost: false,
  mounts: true,
  referrersApi: false,
  quotas: [],
}

/** One's own, in the runners' network, without limits. */
export const NEAR: RegistryModel = { ...HOSTED, name: 'own registry, near', latency: ASSUMPTIONS.nearLatency }

/** Without limits, but not near. */
export const UNLIMITED: RegistryModel = { ...HOSTED, name: 'any registry without limits' }

export const ECR_DEFAULT: RegistryModel = {
  ...HOSTED,
  name: 'ECR, default quotas',
  referrersApi: true,
  quotas: ecrQuotas(ECR.putImage),
}

/** What a request to AWS can bring. */
export const ECR_RAISED: RegistryModel = {
  ...ECR_DEFAULT,
  name: 'ECR, PutImage raised to 200',
  quotas: ecrQuotas(20 * ECR.putImage),
}

export const ECR_WITHOUT_MOUNTING: RegistryModel = {
  ...ECR_RAISED,
  name: 'ECR, the same without `BLOB_MOUNTING`',
  mounts: false,
}

export const GAR_MODEL: RegistryModel = {
  ...HOSTED,
  name: 'Google Artifact Registry',
  quotas: [
    { name: 'writes a minute', kinds: WRITES, perSecond: GAR.writes, per: 'account' },
    { name: 'requests a minute', kinds: REQUEST_KINDS, perSecond: GAR.requests, per: 'account' },
  ],
}

export const ACR_PREMIUM: RegistryModel = acr('ACR Premium', ACR.premium)
export const ACR_STANDARD: RegistryModel = acr('ACR Standard', ACR.standard)

export const GHCR_MODEL: RegistryModel = {
  ...HOSTED,
  name: 'GHCR, three places in it',
  isOneHost: true,
  quotas: [
    { name: 'POST of uploads', kinds: ['POST upload'], perSecond: GHCR.uploads, per: 'account' },
    { name: 'reads', kinds: READS, perSecond: GHCR.reads, per: 'account' },
  ],
}

const HUB_REQUESTS: Quota = {
  name: 'requests of an address',
  kinds: REQUEST_KINDS,
  perSecond: DOCKER_HUB.anyRequest,
  per: 'address',
}

export const DOCKER_HUB_PAID: RegistryModel = {
  ...HOSTED,
  name: 'Docker Hub, three places in it',
  isOneHost: true,
  quotas: [HUB_REQUESTS],
}

export const DOCKER_HUB_PERSONAL: RegistryModel = {
  ...DOCKER_HUB_PAID,
  name: 'Docker Hub, personal account',
  quotas: [
    HUB_REQUESTS,
    { name: 'pulls', kinds: ['GET manifest'], perSecond: DOCKER_HUB.personalPulls, per: 'account' },
  ],
}

function ecrQuotas(putImage: number): readonly Quota[] {
  const quotas: readonly (readonly [string, readonly RequestKind[], number])[] = [
    ['PutImage', ['PUT manifest'], putImage],
    ['InitiateLayerUpload', ['POST upload'], ECR.initiateLayerUpload],
    ['CompleteLayerUpload', ['PUT upload'], ECR.completeLayerUpload],
    ['BatchGetImage', ['GET manifest', 'HEAD manifest'], ECR.batchGetImage],
    ['BatchCheckLayerAvailability', ['HEAD blob'], ECR.batchCheckLayerAvailability],
    ['GetDownloadUrlForLayer', ['GET blob'], ECR.getDownloadUrlForLayer],
  ]
  return quotas.map(([name, kinds, perSecond]) => ({ name, kinds, perSecond, per: 'account' }))
}

function acr(
  name: string,
  { reads, writes, download, upload }: (typeof ACR)[keyof typeof ACR],
): RegistryModel {
  return {
    ...HOSTED,
    ...{ name, referrersApi: true, download, upload },
    quotas: [
      { name: 'WriteOps', kinds: WRITES, perSecond: writes, per: 'account' },
      { name: 'ReadOps', kinds: READS, perSecond: reads, per: 'account' },
    ],
  }
}
