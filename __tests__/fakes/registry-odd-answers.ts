import { type Answer, errorAnswer, jsonAnswer } from './registry-exchange.ts'
import {
  bothRefuse,
  IGNORED,
  isBlobGet,
  isListGet,
  isManifestGet,
  isManifestRead,
  isRead,
  type Match,
  type NamedFault,
  playOn,
  spoil,
  urlOf,
  withHeaders,
} from './registry-named-fault.ts'

const WEB_PAGE = '<!doctype html><title>Registry</title>'
const isReferrersGet: Match = ({ path }) => path.includes('/referrers/')

/** Answers to reading that a registry may give, and others that it should not; `registry-lies.ts` has what is wrong with the content. */
export const ODD_ANSWERS: readonly NamedFault[] = [
  {
    name: 'redirect loop',
    side: 'read',
    ...bothRefuse(/one redirect too many/),
    arrange: (registry) =>
      spoil(
        registry,
        (request) => isBlobGet(request) || isManifestGet(request),
        (_, { path }) => ({
          status: 307,
          headers: { location: path },
          body: Buffer.alloc(0),
        }),
      ),
  },
  redirecting('redirect to another port', true),
  redirecting('redirect to another host', 'another host'),
  {
    name: 'Basic instead of tokens',
    side: 'read',
    ...IGNORED,
    arrange: (registry) => {
      const { auth } = registry.switches
      if (auth.by === 'bearer') registry.switches.auth = { by: 'basic', accounts: auth.accounts }
      return () =>
        registry.requests.filter(({ headers }) => /^Basic /.test(headers.authorization ?? '')).length
    },
  },
  everywhere('Warning 299', (answer) =>
    withHeaders(answer, { warning: '299 - "this registry closes soon"' }),
  ),
  referrersAnswer(
    'referrers answer 500',
    /referrers\/sha256:[0-9a-f]{64} answered 500/,
    errorAnswer(500, 'UNKNOWN', 'unknown error'),
  ),
  referrersAnswer(
    'referrers answer 403',
    /referrers\/sha256:[0-9a-f]{64} answered 403/,
    errorAnswer(403, 'DENIED', 'denied'),
  ),
  referrersAnswer('referrers answer 200 with a web page', /a web page where the list of referrers belongs/, {
    status: 200,
    headers: { 'content-type': 'text/html' },
    body: Buffer.from(WEB_PAGE),
  }),
  {
    name: 'referrers answer 200 with nothing, and the fallback tag has them',
    side: 'read',
    switches: { referrersApi: false, referrersAnswer: 'empty' },
    source: 'ignores',
    target: { refuses: /referrer sha256:[0-9a-f]{64} of sha256:[0-9a-f]{64}.* is missing/ },
    arrange: (registry) => () => registry.requests.filter(isReferrersGet).length,
  },
  {
    name: 'Link to the same page',
    side: 'read',
    ...bothRefuse(/more than 100 pages of referrers/),
    arrange: (registry) =>
      spoil(registry, isListGet, (answer, request) =>
        withHeaders(answer, { link: `<${urlOf(request)}>; rel="next"` }),
      ),
  },
  {
    name: 'Link to another host',
    side: 'read',
    ...bothRefuse(/a next page on another host/),
    arrange: (registry) =>
      spoil(registry, isListGet, (answer, request) =>
        withHeaders(answer, { link: `<http://${registry.hostElsewhere}${urlOf(request)}>; rel="next"` }),
      ),
  },
  {
    name: '401 without a challenge',
    side: 'read',
    ...bothRefuse(/answered 401 without a challenge/),
    arrange: (registry) => playOn(registry, isManifestRead, { status: 401 }),
  },
  {
    name: '401 with several challenges',
    side: 'read',
    ...IGNORED,
    arrange: (registry) => {
      let met = 0
      registry.fault(isRead, Number.POSITIVE_INFINITY, (_, proceed) => {
        const answer = proceed()
        const own = answer.headers['www-authenticate']
        if (answer.status !== 401 || own === undefined) return answer
        met += 1
        return withHeaders(answer, {
          'www-authenticate': `Negotiate, Digest realm="x", nonce="y, z", ${own}`,
        })
      })
      return () => met
    },
  },
  {
    name: 'HEAD answered with 405',
    side: 'read',
    target: 'ignores',
    switches: { manifestHead: false },
    arrange: (registry) => () => registry.requestsBy('HEAD').length,
  },
  {
    name: 'tags list null',
    side: 'read',
    ...IGNORED,
    arrange: (registry) =>
      spoil(
        registry,
        ({ path }) => path.endsWith('/tags/list'),
        () => jsonAnswer(200, { name: 'app', tags: null }),
      ),
  },
  {
    name: 'Docker-Content-Digest absent',
    side: 'read',
    ...IGNORED,
    switches: { digestHeader: false },
    arrange: (registry) => () => registry.requests.filter(isManifestRead).length,
  },
  {
    name: 'Content-Type text/plain on manifests',
    side: 'read',
    ...IGNORED,
    switches: { manifestContentType: 'text/plain' },
    arrange: (registry) => () => registry.requests.filter(isManifestRead).length,
  },
]

function redirecting(name: string, redirectBlobs: true | 'another host'): NamedFault {
  return {
    name,
    side: 'read',
    ...IGNORED,
    switches: { redirectBlobs },
    arrange: (registry) => () => registry.requests.filter(({ origin }) => origin === 'elsewhere').length,
  }
}

function everywhere(name: string, change: (answer: Answer) => Answer): NamedFault {
  return { name, side: 'read', ...IGNORED, arrange: (registry) => spoil(registry, isRead, change) }
}

function referrersAnswer(name: string, refuses: RegExp, answer: Answer): NamedFault {
  return {
    name,
    side: 'read',
    ...bothRefuse(refuses),
    arrange: (registry) => playOn(registry, isReferrersGet, () => answer),
  }
}
