import { isJsonObject, type JsonObject } from '../../../src/oci/descriptor.ts'
import { isTag } from '../../../src/oci/reference.ts'
import { type Answer, answer, jsonAnswer, type ReceivedRequest } from '../registry-exchange.ts'
import type { Account, Action, AuthSwitch } from '../registry-switches.ts'
import { type ArtifactoryTree, hasSha256 } from './artifactory-tree.ts'

/** Where the REST API begins. */
export const API_ROOT = '/artifactory'

/** A file or folder by its repository and its path in it. */
interface Item {
  readonly key: string
  readonly path: string
}

/** Answers the calls of JFrog's REST API by which images are copied, as they are documented. */
export class ArtifactoryApi {
  readonly #tree: ArtifactoryTree
  readonly #classes: ReadonlyMap<string, string>
  readonly #auth: () => AuthSwitch

  constructor(tree: ArtifactoryTree, classes: ReadonlyMap<string, string>, auth: () => AuthSwitch) {
    this.#tree = tree
    this.#classes = classes
    this.#auth = auth
  }

  answer(request: ReceivedRequest): Answer {
    const account = this.#accountOf(request)
    if (account === undefined) return failure(401, 'Bad Credentials')
    const path = decodeURIComponent(request.path.slice(API_ROOT.length))
    const asked = /^\/api\/repositories\/([^/]+)$/.exec(path)?.[1]
    if (request.method === 'GET' && asked !== undefined) return this.#describe(asked)
    const source = itemIn(path.replace(/^\/api\/copy/, ''))
    if (request.method === 'GET' && path === '/api/search/checksum') return this.#search(request)
    if (request.method === 'POST' && path.startsWith('/api/copy/'))
      return this.#copy(source, request.query, account)
    const promoted = /^\/api\/docker\/([^/]+)\/v2\/promote$/.exec(path)?.[1]
    if (request.method === 'POST' && promoted !== undefined)
      return this.#promote(promoted, bodyOf(request), account)
    if (request.method === 'DELETE') return this.#remove(itemIn(path), account)
    return answer(404)
  }

  /** Undefined where the credentials are not of an account; a registry that is open to everybody allows everything. */
  #accountOf({ headers }: ReceivedRequest): Account | undefined {
    const auth = this.#auth()
    if (auth.by === 'nobody') return { username: 'anybody', password: '' }
    return auth.accounts.find(({ username, password, identityToken }) => {
      const basic = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`
      return headers.authorization === basic || headers.authorization === `Bearer ${identityToken}`
    })
  }

  /** As it is told to accounts that are no administrator's. */
  #describe(key: string): Answer {
    const rclass = this.#classes.get(key) ?? 'local'
    return jsonAnswer(200, { key, packageType: 'docker', description: '', rclass })
  }

  #search({ query, headers }: ReceivedRequest): Answer {
    const key = query.get('repos') ?? ''
    if (!this.#tree.hasRepository(key)) return answer(404)
    const hex = query.get('sha256') ?? ''
    const found = [...this.#tree.files(key)].filter(([, bytes]) => hasSha256(bytes, hex))
    const storage = `http://${headers.host}${API_ROOT}/api/storage/${key}`
    return jsonAnswer(200, { results: found.map(([path]) => ({ uri: `${storage}/${path}` })) })
  }

  /** As a file system does: what is copied to a folder that is there ends up inside it. */
  #copy(source: Item, query: URLSearchParams, account: Account): Answer {
    const wanted = itemIn(query.get('to') ?? '')
    if (!mayDo(account, 'push', wanted))
      return messages('ERROR', `The repository ${wanted.key} has denied it`)
    const name = source.path.slice(source.path.lastIndexOf('/') + 1)
    const nests = this.#tree.isFolder(wanted.key, wanted.path)
    const target = nests ? { ...wanted, path: `${wanted.path}/${name}` } : wanted
    const all = [...this.#tree.files(source.key)].filter(([path]) => `${path}/`.startsWith(`${source.path}/`))
    if (all.length === 0) return failure(404, `${source.key}/${source.path} was not found`)
    for (const [path, bytes] of all) {
      const to = `${target.path}${path.slice(source.path.length)}`
      if (this.#tree.files(target.key).has(to) && !mayDo(account, 'delete', target)) {
        return messages('error', `Not enough permissions to overwrite ${target.key}/${to}`)
      }
      this.#tree.write(target.key, to, bytes)
    }
    return messages('INFO', `copying ${source.key}:${source.path} completed successfully`)
  }

  /** Takes the folder of the tag, and nothing that is attached to the image or listed by it. */
  #promote(key: string, body: JsonObject, account: Account): Answer {
    const image = text(body.dockerRepository)
    const tag = text(body.tag)
    const target = { key: text(body.targetRepo), path: text(body.targetDockerRepository) || image }
    const targetTag = text(body.targetTag) || tag
    const folder = `${image}/${tag}`
    const files = [...this.#tree.files(key)].filter(([path]) => path.startsWith(`${folder}/`))
    if (files.length === 0) return failure(400, `Unable to find tag '${tag}' under repository '${image}'`)
    if (!isTag(targetTag)) return failure(400, `Invalid tag name '${targetTag}'`)
    if (!mayDo(account, 'push', target)) return failure(403, 'Not enough permissions to promote')
    for (const [path, bytes] of files) {
      this.#tree.write(target.key, `${target.path}/${targetTag}${path.slice(folder.length)}`, bytes)
    }
    if (body.copy !== true) this.#tree.remove(key, folder)
    return answer(200, { 'content-type': 'text/plain' }, 'Promotion ended successfully')
  }

  #remove(item: Item, account: Account): Answer {
    if (!mayDo(account, 'delete', item)) return failure(403, `Not enough permissions to delete ${item.path}`)
    return this.#tree.remove(item.key, item.path) ? answer(204) : answer(404)
  }
}

/** `/KEY/PATH` taken apart. */
function itemIn(path: string): Item {
  const [, key = '', ...rest] = path.split('/')
  return { key, path: rest.join('/') }
}

function mayDo({ actions, prefix }: Account, action: Action, { key, path }: Item): boolean {
  return (actions?.includes(action) ?? true) && `${key}/${path}`.startsWith(prefix ?? '')
}

function messages(level: string, message: string): Answer {
  return jsonAnswer(200, { messages: [{ level, message }] })
}

/** JFrog, "Error Responses". */
function failure(status: number, message: string): Answer {
  return jsonAnswer(status, { errors: [{ status, message }] })
}

function bodyOf({ body }: ReceivedRequest): JsonObject {
  const value: unknown = JSON.parse(body.toString())
  return isJsonObject(value) ? value : {}
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
