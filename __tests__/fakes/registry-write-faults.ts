import { isJsonObject } from '../../src/oci/descriptor.ts'
import { errorAnswer, type RequestHead } from './registry-exchange.ts'
import {
  isManifestPut,
  isUploadPost,
  isUploadPut,
  type Match,
  type NamedFault,
  playOn,
  referenceIn,
  spoil,
  withHeaders,
} from './registry-named-fault.ts'
import type { RegistryServer } from './registry-server.ts'
import type { RegistrySwitches } from './registry-switches.ts'

const DENIED = JSON.stringify({ errors: [{ code: 'DENIED', message: 'the tag is immutable' }] })
/** Milliseconds after which a new referrer is listed. */
const LISTED_AFTER = 1500
const isWrite: Match = ({ method }) => method === 'POST' || method === 'PATCH' || method === 'PUT'
const isMount: Match = (request) => isUploadPost(request) && request.query.has('mount')

/** What writing to a registry can meet; `registry-lies.ts` has what is taken and not kept. */
export const WRITE_FAULTS: readonly NamedFault[] = [
  transient('503 twice on POST, PATCH and PUT', (registry) =>
    playOn(registry, isWrite, { status: 503 }, { times: 2, per: endpointAt(registry) }),
  ),
  transient('429 twice on POST, PATCH and PUT', (registry) =>
    playOn(registry, isWrite, { status: 429 }, { times: 2, per: endpointAt(registry) }),
  ),
  transient('reset in the middle of an upload', (registry) =>
    playOn(registry, isUploadPut, 'reset in the upload', { times: 3 }),
  ),
  transient('500 although it was applied', (registry) =>
    playOn(registry, ({ method }) => method === 'PUT', 'applied, then 500', { times: 1, per: endpointOf }),
  ),
  transient('token expires during an upload', (registry) =>
    spoil(
      registry,
      isUploadPost,
      (answer) => {
        if (answer.status !== 202) return undefined
        registry.revokeTokens()
        return answer
      },
      // Those of the preflight, one a repository, and three that are sent something.
      5,
    ),
  ),
  located('Location relative', 'relative'),
  located('Location with a query', 'query'),
  located('Location on another port', 'elsewhere'),
  located('Location on another host', 'another host'),
  mounting('mount answered with 404', { status: 404 }),
  mounting('mount answered with 401', {
    status: 401,
    headers: { 'www-authenticate': 'Basic realm="mounts"' },
  }),
  {
    name: 'mount answered with 202',
    side: 'write',
    target: 'ignores',
    switches: { mount: 'refused' },
    arrange: (registry) => () => registry.requests.filter(isMount).length,
  },
  refusing('413', isUploadPut, 413),
  {
    name: 'immutable tag, 409',
    side: 'write',
    target: { refuses: /PUT .*\/manifests\/\S+ answered 409: DENIED/ },
    switches: { immutableTags: true },
    arrange: (registry) => () => registry.requests.filter(({ status }) => status === 409).length,
  },
  {
    name: 'immutable tag, 401',
    side: 'write',
    target: { refuses: /PUT .*\/manifests\/\S+ answered 401: DENIED/ },
    arrange: (registry) =>
      playOn(registry, (request) => isManifestPut(request) && isKnownTag(registry, request), {
        status: 401,
        body: DENIED,
        headers: {
          'www-authenticate': `Bearer realm="http://${registry.host}/token",service="fake-registry"`,
        },
      }),
  },
  refusing('507', isUploadPut, 507),
  {
    name: 'upload session lost',
    side: 'write',
    target: 'survives',
    arrange: (registry) =>
      playOn(
        registry,
        isUploadPut,
        (request, proceed) => {
          repositoryOf(registry, request).uploads.delete(referenceIn(request))
          return proceed()
        },
        { times: 2 },
      ),
  },
  {
    name: '416 with Range',
    side: 'write',
    target: { refuses: /PUT .*\/blobs\/uploads\/\S+ answered 416/ },
    arrange: (registry) => playOn(registry, isUploadPut, { status: 416, headers: { range: '0-0' } }),
  },
  {
    name: 'OCI-Chunk-Min-Length',
    side: 'write',
    target: 'ignores',
    arrange: (registry) =>
      spoil(registry, isUploadPost, (answer) => withHeaders(answer, { 'oci-chunk-min-length': '67108864' })),
  },
  {
    name: '400 DIGEST_INVALID',
    side: 'write',
    target: { refuses: /PUT .*\/blobs\/uploads\/\S+ answered 400: DIGEST_INVALID/ },
    arrange: (registry) =>
      playOn(registry, isUploadPut, () => errorAnswer(400, 'DIGEST_INVALID', 'the digest did not match')),
  },
  {
    name: 'OCI-Subject without the referrers API',
    side: 'write',
    target: 'ignores',
    switches: { referrersApi: false },
    arrange: (registry) =>
      spoil(registry, isManifestPut, (answer, { body }) => {
        const { subject } = JSON.parse(body.toString())
        return isJsonObject(subject)
          ? withHeaders(answer, { 'oci-subject': String(subject.digest) })
          : undefined
      }),
  },
  {
    name: 'a new referrer is listed only seconds later',
    side: 'write',
    target: 'survives',
    arrange: listLate,
  },
]

function transient(name: string, arrange: (registry: RegistryServer) => () => number): NamedFault {
  return { name, side: 'write', mark: 'transient', target: 'survives', arrange }
}

function located(name: string, uploadLocation: RegistrySwitches['uploadLocation']): NamedFault {
  const switches = { uploadLocation }
  const arrange = (registry: RegistryServer) => () => registry.requests.filter(isUploadPost).length
  return { name, side: 'write', target: 'ignores', switches, arrange }
}

function mounting(
  name: string,
  play: { readonly status: number; readonly headers?: Readonly<Record<string, string>> },
): NamedFault {
  return { name, side: 'write', target: 'ignores', arrange: (registry) => playOn(registry, isMount, play) }
}

function refusing(name: string, match: Match, status: number): NamedFault {
  return {
    name,
    side: 'write',
    target: { refuses: new RegExp(`PUT .*/blobs/uploads/\\S+ answered ${status}`) },
    arrange: (registry) => playOn(registry, match, { status }),
  }
}

/** Hides each referrer for a while after it was put, as registries do that list from a slow index. */
function listLate(registry: RegistryServer): () => number {
  const since = new Map<string, number>()
  let met = 0
  const concerns: Match = (request) => isManifestPut(request) || request.path.includes('/referrers/')
  registry.fault(concerns, Number.POSITIVE_INFINITY, (request, proceed) => {
    if (request.method === 'PUT') since.set(referenceIn(request), performance.now())
    const answer = proceed()
    if (request.method === 'PUT' || answer.status !== 200) return answer
    const index = JSON.parse(answer.body.toString())
    const isLate = ({ digest }: { readonly digest: string }) =>
      performance.now() - (since.get(digest) ?? Number.NEGATIVE_INFINITY) < LISTED_AFTER
    const manifests = index.manifests.filter((entry: { readonly digest: string }) => !isLate(entry))
    if (manifests.length < index.manifests.length) met += 1
    return { ...answer, body: Buffer.from(JSON.stringify({ ...index, manifests })) }
  })
  return () => met
}

/** The method and what it writes: a blob or a manifest. */
function endpointOf({ method, path }: RequestHead): string {
  return `${method} ${path.includes('/manifests/') ? 'manifest' : 'blob'}`
}

/** The same in the preflight, which ends with the first upload that is given up, and after it. */
function endpointAt(registry: RegistryServer): (request: RequestHead) => string {
  return (request) => {
    const isOver = registry.requests.some(({ method }) => method === 'DELETE')
    return `${endpointOf(request)} ${isOver ? 'in the copy' : 'in the preflight'}`
  }
}

function repositoryOf(registry: RegistryServer, { path }: RequestHead) {
  return registry.store.repository(path.replace(/^\/v2\/(.*)\/(manifests|blobs)\/.*/, '$1'))
}

function isKnownTag(registry: RegistryServer, request: RequestHead): boolean {
  return repositoryOf(registry, request).tags.has(referenceIn(request))
}
