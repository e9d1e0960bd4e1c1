import { setTimeout as delay } from 'node:timers/promises'
import { type Answer, errorAnswer } from './registry-exchange.ts'
import {
  bothRefuse,
  isBlobGet,
  isManifestGet,
  isManifestRead,
  isRead,
  type Match,
  type NamedFault,
  playOn,
  SURVIVED,
  spoil,
  tokenRefusal,
  urlOf,
  withHeaders,
} from './registry-named-fault.ts'
import type { RegistryServer } from './registry-server.ts'

const HTML = '<!doctype html><title>Too Many Requests</title><h1>Slow down</h1>'
/** Milliseconds between two bytes, in a registry whose clients do not wait as long as they would elsewhere. */
const DRIP = 50
/** Bytes of a blob that is worth going on with where it broke off. */
const STREAMED = 1024 * 1024
const isContentGet: Match = (request) => isBlobGet(request) || isManifestGet(request)

/** Reading that fails, for a while or for good. */
export const READ_FAULTS: readonly NamedFault[] = [
  transient('429 twice with Retry-After 1', (registry) =>
    playOn(registry, isRead, { status: 429, headers: { 'retry-after': '1' } }, { times: 2 }),
  ),
  transient('429 with Retry-After 20', (registry) =>
    playOn(registry, isManifestRead, { status: 429, headers: { 'retry-after': '20' } }, { times: 1 }),
  ),
  transient('429 as HTML without Retry-After', (registry) =>
    playOn(
      registry,
      isRead,
      { status: 429, headers: { 'content-type': 'text/html' }, body: HTML },
      { times: 2 },
    ),
  ),
  transient('503 twice on every URL', (registry) =>
    playOn(registry, isRead, { status: 503 }, { times: 2, per: urlOf }),
  ),
  transient('502 four times', (registry) =>
    playOn(registry, onlyFirstUrl(isManifestRead), { status: 502 }, { times: 4 }),
  ),
  transient('reset in the middle of a body, twice', (registry) => {
    const manifests = spoil(registry, isManifestGet, (answer) => ({ ...answer, cut: 'reset' }), 2)
    const blobs = spoil(registry, isBlobGet, (answer) => ({ ...answer, cut: 'reset' }), 2)
    return () => manifests() + blobs()
  }),
  transient('token refused every 4 requests', (registry) => {
    let seen = 0
    const isFourth: Match = ({ headers }) => /^Bearer /.test(headers.authorization ?? '') && ++seen % 4 === 0
    return playOn(registry, isFourth, tokenRefusal(registry))
  }),
  {
    name: 'body that ends early, for ever',
    side: 'read',
    ...bothRefuse(/GET .* failed: /),
    arrange: (registry) => spoil(registry, isContentGet, (answer) => ({ ...answer, cut: 'end' })),
  },
  {
    name: 'one body of 1 byte a second',
    side: 'read',
    ...SURVIVED,
    arrange: (registry) => spoil(registry, isContentGet, dripping, 1),
  },
  {
    name: '1 byte a second, for ever',
    side: 'read',
    ...bothRefuse(/GET .* answered 200, and of its body less than /),
    arrange: (registry) => spoil(registry, isContentGet, dripping),
  },
  {
    name: 'one answer that never comes',
    side: 'read',
    ...SURVIVED,
    arrange: (registry) => playOn(registry, isManifestRead, 'hang', { times: 1 }),
  },
  {
    name: 'no answer, for ever',
    side: 'read',
    ...bothRefuse(/(GET|HEAD) .* failed: /),
    arrange: (registry) => playOn(registry, isManifestRead, 'hang'),
  },
  {
    name: 'Retry-After as a date',
    side: 'read',
    ...SURVIVED,
    arrange: (registry) => unavailableUntil(registry, 1000),
  },
  {
    name: 'Retry-After as a date in the past',
    side: 'read',
    ...SURVIVED,
    arrange: (registry) => unavailableUntil(registry, -3_600_000),
  },
  {
    name: 'Range answered with another range',
    side: 'read',
    ...bothRefuse(/206 with the range "bytes 0-\d+\/\d+" instead of the one from \d+/),
    arrange: (registry) =>
      brokenOnce(registry, (whole) => ({
        ...withHeaders(whole, {
          'content-range': `bytes 0-${whole.body.byteLength - 1}/${whole.body.byteLength}`,
        }),
        status: 206,
      })),
  },
  {
    name: 'Range answered with the whole',
    side: 'read',
    ...SURVIVED,
    arrange: (registry) => brokenOnce(registry, (whole) => whole),
  },
]

function transient(name: string, arrange: (registry: RegistryServer) => () => number): NamedFault {
  return { name, side: 'read', mark: 'transient', ...SURVIVED, arrange }
}

/** Two answers of 503 with a date that lies so many milliseconds ahead. */
function unavailableUntil(registry: RegistryServer, ahead: number): () => number {
  const play = () => {
    const date = new Date(Date.now() + ahead).toUTCString()
    return { ...errorAnswer(503, 'UNAVAILABLE', 'come back later'), headers: { 'retry-after': date } }
  }
  return playOn(registry, isManifestRead, play, { times: 2 })
}

/** Breaks off the first large blob, and answers the question for the rest of it, asked by Range, with something of its own. */
function brokenOnce(registry: RegistryServer, answerRest: (whole: Answer) => Answer): () => number {
  let broken = false
  let met = 0
  registry.fault(isBlobGet, Number.POSITIVE_INFINITY, ({ headers, ...request }, proceed) => {
    const answer = proceed()
    if (headers.range !== undefined && answer.status === 206) {
      met += 1
      const { blobs } = registry.store.repository(request.path.replace(/^\/v2\/(.*)\/blobs\/.*/, '$1'))
      const body = blobs.get(request.path.slice(request.path.lastIndexOf('/') + 1)) ?? answer.body
      return answerRest({ ...answer, status: 200, body })
    }
    if (broken || answer.status !== 200 || answer.body.byteLength < STREAMED) return answer
    broken = true
    return { ...answer, cut: 'reset' }
  })
  return () => met
}

function dripping(answer: Answer): Answer {
  return {
    ...withHeaders(answer, { 'content-length': String(answer.body.byteLength) }),
    stream: async function* () {
      for (const byte of answer.body) {
        await delay(DRIP)
        yield Uint8Array.of(byte)
      }
    },
  }
}

function onlyFirstUrl(match: Match): Match {
  let first: string | undefined
  return (request) => {
    if (!match(request)) return false
    first ??= request.path
    return request.path === first
  }
}
