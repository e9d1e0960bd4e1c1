/** What one request asks for, as registries count them; a tag of an image is written like every manifest. */
export const REQUEST_KINDS = [
  'GET manifest',
  'HEAD manifest',
  'PUT manifest',
  'GET blob',
  'HEAD blob',
  'POST upload',
  'PUT upload',
  'DELETE upload',
  'GET list',
] as const

export type RequestKind = (typeof REQUEST_KINDS)[number]

/** How many requests of each kind; none where a kind is left out. */
export type Requests = Readonly<Partial<Record<RequestKind, number>>>

/** So many requests of these kinds together in a second, counted for an account or for each address that asks. */
export interface Quota {
  readonly name: string
  readonly kinds: readonly RequestKind[]
  readonly perSecond: number
  readonly per: 'account' | 'address'
}

/** What the program meets at one registry. Seconds, bytes a second. */
export interface RegistryModel {
  /** Targets of one name on one host share its limits, and blobs are mounted among them. */
  readonly name: string
  readonly isOneHost: boolean
  /** From a request to its answer, on a kept connection. */
  readonly latency: number
  /** Bandwidth for all who read or write there together; left out where none is known. */
  readonly download?: number
  readonly upload?: number
  /** Blobs can be taken over from another repository. */
  readonly mounts: boolean
  /** Answers for each manifest what refers to it. */
  readonly referrersApi: boolean
  readonly quotas: readonly Quota[]
}

/** All requests of these counts together, or those of some kinds. */
export function sumOf(requests: Requests, kinds: readonly RequestKind[] = REQUEST_KINDS): number {
  return kinds.reduce((sum, kind) => sum + (requests[kind] ?? 0), 0)
}

/** Both counts together, the second one so many times. */
export function addRequests(one: Requests, other: Requests, times = 1): Requests {
  return Object.fromEntries(
    REQUEST_KINDS.map((kind) => [kind, (one[kind] ?? 0) + times * (other[kind] ?? 0)]),
  )
}
