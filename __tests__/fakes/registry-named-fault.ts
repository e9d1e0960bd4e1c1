import type { Answer, ReceivedRequest, RequestHead } from './registry-exchange.ts'
import type { Play } from './registry-faults.ts'
import type { RegistryServer } from './registry-server.ts'
import type { RegistrySwitches } from './registry-switches.ts'

/**
 * What a promotion has to do about a fault: `survives` by asking again or another way, `ignores` what does no harm, or refuses with a
 * message in these words.
 */
export type ExpectedOutcome = 'survives' | 'ignores' | { readonly refuses: RegExp }

/** One fault of docs/reliability.md. */
export interface NamedFault {
  readonly name: string
  /** Whether it is met by reading or by writing. */
  readonly side: 'read' | 'write'
  /** `transient`: a promotion has to survive it (T in the documentation). `lie`: a promotion has to catch it (L). */
  readonly mark?: 'transient' | 'lie'
  /** Set before anything is in the registry. */
  readonly switches?: Partial<RegistrySwitches>
  /** Begins to play it, but not on the tags and digests in `spared`; returns how often it was met so far. */
  readonly arrange: (registry: RegistryServer, spared: ReadonlySet<string>) => () => number
  /** Absent where the source cannot play it: it is not written to, and not everything is asked of it. */
  readonly source?: ExpectedOutcome
  readonly target: ExpectedOutcome
}

export const SURVIVED = { source: 'survives', target: 'survives' } as const
export const IGNORED = { source: 'ignores', target: 'ignores' } as const

/** A fault of which both sides say the same when they refuse. */
export function bothRefuse(refuses: RegExp): Pick<NamedFault, 'source' | 'target'> {
  return { source: { refuses }, target: { refuses } }
}

/** Whether a fault concerns this request. */
export type Match = (request: RequestHead) => boolean

/** GET and HEAD, of anything: tokens and the version check too. */
export const isRead: Match = ({ method }) => method === 'GET' || method === 'HEAD'
export const isManifestRead: Match = (request) => isRead(request) && request.path.includes('/manifests/')
export const isManifestGet: Match = ({ method, path }) => method === 'GET' && path.includes('/manifests/')
export const isManifestPut: Match = ({ method, path }) => method === 'PUT' && path.includes('/manifests/')
export const isBlobGet: Match = ({ method, path, origin }) =>
  method === 'GET' && origin === 'registry' && /\/blobs\/sha/.test(path)
export const isUploadPost: Match = ({ method, path }) => method === 'POST' && path.endsWith('/blobs/uploads/')
export const isUploadPut: Match = ({ method, path }) => method === 'PUT' && path.includes('/blobs/uploads/')
export const isListGet: Match = ({ method, path }) => method === 'GET' && /\/(referrers|tags)\//.test(path)

/** The last part of a path: a tag, a digest or an upload session. */
export function referenceIn({ path }: RequestHead): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

/** Path and query. */
export function urlOf({ path, query }: RequestHead): string {
  return query.size === 0 ? path : `${path}?${query}`
}

/** What a registry says to a token that it does not take any more. */
export function tokenRefusal({ host }: RegistryServer): Play {
  const challenge = `Bearer realm="http://${host}/token",service="fake-registry",error="invalid_token"`
  const body = JSON.stringify({ errors: [{ code: 'UNAUTHORIZED', message: 'authentication required' }] })
  return { status: 401, headers: { 'www-authenticate': challenge }, body }
}

/** Plays `play` on the first requests that match: `times` of each key that `per` gives, or of all together. */
export function playOn(
  registry: RegistryServer,
  match: Match,
  play: Play,
  {
    times = Number.POSITIVE_INFINITY,
    per = () => '',
  }: { readonly times?: number; readonly per?: (request: RequestHead) => string } = {},
): () => number {
  const played = new Map<string, number>()
  let met = 0
  const counts = (request: RequestHead) => {
    if (!match(request)) return false
    const key = per(request)
    const so = played.get(key) ?? 0
    played.set(key, so + 1)
    if (so < times) met += 1
    return so < times
  }
  registry.fault(counts, Number.POSITIVE_INFINITY, play)
  return () => met
}

/** Changes the first `times` good answers to requests that match; a change to undefined leaves the answer as it is. */
export function spoil(
  registry: RegistryServer,
  match: Match,
  change: (answer: Answer, request: ReceivedRequest) => Answer | undefined,
  times = Number.POSITIVE_INFINITY,
): () => number {
  let met = 0
  registry.fault(match, Number.POSITIVE_INFINITY, (request, proceed) => {
    const good = proceed()
    const spoiled = good.status < 300 && met < times ? change(good, request) : undefined
    if (spoiled !== undefined) met += 1
    return spoiled ?? good
  })
  return () => met
}

/** The same answer with these headers changed or added. */
export function withHeaders(answer: Answer, headers: Readonly<Record<string, string>>): Answer {
  return { ...answer, headers: { ...answer.headers, ...headers } }
}
