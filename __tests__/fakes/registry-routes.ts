import { answerAtomic } from './registry-atomic.ts'
import type { Access, RegistryAuth } from './registry-auth.ts'
import { answerBlob, answerStorage } from './registry-blobs.ts'
import {
  type Answer,
  answer,
  type Exchange,
  errorAnswer,
  jsonAnswer,
  methodRefused,
  type Origin,
  type ReceivedRequest,
} from './registry-exchange.ts'
import { answerReferrers, answerTags } from './registry-lists.ts'
import { answerManifest } from './registry-manifests.ts'
import type { RegistryStore } from './registry-store.ts'
import type { Action, RegistrySwitches } from './registry-switches.ts'
import { answerUpload } from './registry-uploads.ts'

type Route = readonly [pattern: RegExp, run: (exchange: Exchange) => Answer]

const ROUTES: readonly Route[] = [
  [/^\/v2\/(.+)\/manifests\/([^/]+)$/, answerManifest],
  [/^\/v2\/(.+)\/blobs\/uploads\/([^/]*)$/, answerUpload],
  [/^\/v2\/(.+)\/blobs\/([^/]+)$/, answerBlob],
  [/^\/v2\/(.+)\/tags\/(list)$/, answerTags],
  [/^\/extensions\/v2\/(.+)\/signatures\/([^/]+)$/, answerAtomic],
  [/^\/v2\/(.+)\/referrers\/([^/]+)$/, answerReferrers],
]
const ROUTES_ELSEWHERE: readonly Route[] = [
  [/^\/storage\/(.+)\/([^/]+)$/, answerStorage],
  [/^\/v2\/(.+)\/blobs\/uploads\/([^/]+)$/, answerUpload],
]
const NAME = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/
const ACTIONS: Readonly<Record<string, readonly Action[]>> = {
  GET: ['pull'],
  HEAD: ['pull'],
  POST: ['pull', 'push'],
  PATCH: ['pull', 'push'],
  PUT: ['pull', 'push'],
  DELETE: ['delete'],
}

/** Finds the endpoint of a request, asks whether it is allowed, and answers it. */
export class RegistryRoutes {
  readonly #store: RegistryStore
  readonly #switches: RegistrySwitches
  readonly #auth: RegistryAuth
  readonly #origins: Readonly<Record<Origin, string>>

  constructor(
    store: RegistryStore,
    switches: RegistrySwitches,
    auth: RegistryAuth,
    origins: Readonly<Record<Origin, string>>,
  ) {
    this.#store = store
    this.#switches = switches
    this.#auth = auth
    this.#origins = origins
  }

  answer(request: ReceivedRequest): Answer {
    const answered = this.#find(request)
    if (this.#switches.atomicSignatures === 'none' || request.origin === 'elsewhere') return answered
    return { ...answered, headers: { ...answered.headers, 'x-registry-supports-signatures': '1' } }
  }

  #find(request: ReceivedRequest): Answer {
    if (this.#auth.isTokenPath(request.path)) return this.#auth.issueToken(request)
    if (request.origin === 'elsewhere') return this.#run(request, ROUTES_ELSEWHERE)
    if (request.path === '/v2/' || request.path === '/v2') {
      return this.#auth.refuse(request, []) ?? jsonAnswer(200, {})
    }
    return this.#run(request, ROUTES)
  }

  #run(request: ReceivedRequest, routes: readonly Route[]): Answer {
    for (const [pattern, run] of routes) {
      const [, name, reference] = pattern.exec(request.path) ?? []
      if (name === undefined || reference === undefined) continue
      if (!NAME.test(name)) return errorAnswer(400, 'NAME_INVALID', `invalid repository name: ${name}`)
      // What is elsewhere carries its permission in the URL.
      const refusal = request.origin === 'registry' && this.#auth.refuse(request, accessOf(request, name))
      if (refusal) return refusal
      const isWrite = request.method !== 'GET' && request.method !== 'HEAD'
      if (isWrite && this.#switches.readOnly?.test(name)) return methodRefused()
      return run(this.#exchange(request, name, reference))
    }
    return answer(404, { 'content-type': 'text/plain' }, '404 page not found\n')
  }

  #exchange(request: ReceivedRequest, name: string, reference: string): Exchange {
    return {
      request,
      name,
      reference,
      repository: this.#store.repository(name),
      store: this.#store,
      switches: this.#switches,
      origins: this.#origins,
    }
  }
}

function accessOf(request: ReceivedRequest, repository: string): readonly Access[] {
  const own = (ACTIONS[request.method] ?? []).map((action) => ({ repository, action }))
  const from = request.query.get('from')
  return request.method === 'POST' && from ? [...own, { repository: from, action: 'pull' }] : own
}
