import { PromotionError } from '../errors.ts'
import { isJsonObject, type JsonObject } from '../oci/descriptor.ts'
import { type Digest, hexOf } from '../oci/digest.ts'
import type { RepositoryName } from '../oci/reference.ts'
import type { HttpClient } from '../registry/http.ts'
import { RegistryError, withoutSecrets } from '../registry/registry-error.ts'
import { readAnswer } from './artifactory-answer.ts'
import type { ArtifactoryPlace } from './artifactory-place.ts'

/** The run's HTTP, with its time-outs, retries, proxies and limits; it knows the secrets that must not come back in an error. */
export type ArtifactoryHttp = Pick<HttpClient, 'attempt' | 'retry' | 'secrets'>

/** A file of a repository of Artifactory. */
export interface ArtifactoryFile {
  readonly key: string
  /** From the repository on, without a slash in front. */
  readonly path: string
}

/** An image by its tag, and the tag that it gets. */
export interface Promotion {
  readonly source: ArtifactoryPlace
  readonly tag: string
  readonly target: ArtifactoryPlace
  readonly targetTag: string
}

/** One question; the account is that of a repository. */
interface Question {
  readonly doing: string
  readonly method: 'GET' | 'POST' | 'DELETE'
  readonly path: readonly string[]
  readonly query?: Readonly<Record<string, string>>
  readonly json?: JsonObject
  readonly account: RepositoryName
  /** Statuses besides success that are no failure. */
  readonly expect?: readonly number[]
}

/** Bytes; a search names a file in some hundred bytes. */
const ANSWER_LIMIT = 4 * 1024 * 1024
const SUCCESS: readonly number[] = [200, 201, 202, 204]

/** Artifactory's REST API as far as images are copied with it. Every method throws a PromotionError of kind `registry`. */
export class ArtifactoryClient {
  readonly #url: URL
  readonly #http: ArtifactoryHttp
  readonly #authorization: (account: RepositoryName) => Promise<string | undefined>

  /** `authorization` gives the header for the account of a repository. */
  constructor(
    url: URL,
    http: ArtifactoryHttp,
    authorization: (account: RepositoryName) => Promise<string | undefined>,
  ) {
    this.#url = url
    this.#http = http
    this.#authorization = authorization
  }

  /** The files with this content in a repository (JFrog, "Checksum Search"); of a virtual one, those of the repositories behind it. */
  async findFiles(key: string, digest: Digest, account: RepositoryName): Promise<readonly ArtifactoryFile[]> {
    const doing = `Looking for ${digest} in ${key}`
    const query = { sha256: hexOf(digest), repos: key }
    const json = await this.#ask({
      doing,
      method: 'GET',
      path: ['api', 'search', 'checksum'],
      query,
      account,
    })
    if (!Array.isArray(json?.results)) {
      throw new PromotionError('registry', `${doing}: Artifactory answered without a list of results`, {
        hint: 'Set `artifactory-url` to where the REST API begins, such as https://acme.example.com/artifactory.',
      })
    }
    return json.results.filter(isJsonObject).flatMap(({ uri }) => fileIn(uri))
  }

  /** What kind of repository a key is, such as `local` or `virtual` (JFrog, "Get Repository Configuration"). */
  async classOf(key: string, account: RepositoryName): Promise<string> {
    const doing = `Asking what kind of repository ${key} is`
    const json = await this.#ask({ doing, method: 'GET', path: ['api', 'repositories', key], account })
    // Accounts that are no administrator's are told a part of it; versions differ in the name and its case.
    const found = json?.rclass ?? json?.type
    if (typeof found === 'string' && /^\w+$/.test(found)) return found.toLowerCase()
    throw new PromotionError('registry', `${doing}: Artifactory answered without saying it`)
  }

  /** Copies one file (JFrog, "Copy Item"): a folder would end up inside a folder of that name, if there is one already. */
  async copyFile(from: ArtifactoryFile, to: ArtifactoryFile, account: RepositoryName): Promise<void> {
    await this.#ask({
      doing: `Copying ${from.key}/${from.path} to ${to.key}/${to.path}`,
      method: 'POST',
      path: ['api', 'copy', from.key, ...from.path.split('/')],
      query: { to: `/${to.key}/${to.path}`, suppressLayouts: '1', failFast: '1' },
      account,
    })
  }

  /** Copies what stands under a tag to another one (JFrog, "Promote Docker Image"); nothing is moved. */
  async promote({ source, tag, target, targetTag }: Promotion, account: RepositoryName): Promise<void> {
    await this.#ask({
      doing: `Promoting ${source.key}/${source.image}:${tag} to ${target.key}/${target.image}:${targetTag}`,
      method: 'POST',
      path: ['api', 'docker', source.key, 'v2', 'promote'],
      json: {
        targetRepo: target.key,
        dockerRepository: source.image,
        targetDockerRepository: target.image,
        tag,
        targetTag,
        copy: true,
      },
      account,
    })
  }

  /** Removes a folder with all that is in it, or finds that it is gone (JFrog, "Delete Item"). */
  async remove({ key, path }: ArtifactoryFile, account: RepositoryName): Promise<void> {
    const doing = `Removing ${key}/${path}`
    await this.#ask({ doing, method: 'DELETE', path: [key, ...path.split('/')], account, expect: [404] })
  }

  /** Asks with the credentials from the first request on, and follows no redirect: they are meant for this server alone. */
  async #ask({ doing, method, path, ...asking }: Question): Promise<JsonObject | undefined> {
    const { query = {}, json, account, expect = [] } = asking
    const url = new URL(this.#url)
    url.pathname = [url.pathname.replace(/\/+$/, ''), ...path.map(encodeURIComponent)].join('/')
    url.search = new URLSearchParams(query).toString()
    const authorization = await this.#authorization(account)
    const headers = {
      accept: 'application/json, text/plain;q=0.5',
      ...(json && { 'content-type': 'application/json' }),
      ...(authorization !== undefined && { authorization }),
    }
    const body = json && Buffer.from(JSON.stringify(json))
    const asked = {
      method,
      url,
      headers,
      ...(body && { body }),
      expect: [...SUCCESS, ...expect],
      maxRedirects: 0,
    }
    try {
      const answer = await this.#http.retry(() => this.#http.attempt(asked, ANSWER_LIMIT))
      return readAnswer(answer, { doing, redact: (text) => this.#http.secrets.redact(text) })
    } catch (thrown) {
      throw thrown instanceof RegistryError
        ? notDone(doing, url, thrown, authorization !== undefined)
        : thrown
    }
  }
}

/** The file that a search names by its URI, which ends in `/api/storage/KEY/PATH`. */
function fileIn(uri: unknown): readonly ArtifactoryFile[] {
  const { key, path } =
    (typeof uri === 'string' && /\/api\/storage\/(?<key>[^/]+)\/(?<path>.+)$/.exec(uri)?.groups) || {}
  if (key === undefined || path === undefined) return []
  try {
    const parts = [key, ...path.split('/')].map(decodeURIComponent)
    // Dots would make another address of the path.
    if (parts.some((part) => part === '' || part === '.' || part === '..')) return []
    return [{ key: parts[0] ?? '', path: parts.slice(1).join('/') }]
  } catch {
    // No name of an image is written with a percent sign that stands for nothing.
    return []
  }
}

function notDone(doing: string, url: URL, cause: RegistryError, isLoggedIn: boolean): PromotionError {
  const hint = hintFor(cause, url, isLoggedIn)
  return new PromotionError('registry', `${doing}: ${cause.message}`, { cause, ...(hint && { hint }) })
}

function hintFor(cause: RegistryError, url: URL, isLoggedIn: boolean): string | undefined {
  const { status } = cause
  if (status === undefined) return cause.hint
  if (status >= 300 && status < 400)
    return 'No redirect is followed, because the credentials are for this server alone: set `artifactory-url` to where the REST API itself answers.'
  if (status === 401 || status === 403)
    return isLoggedIn
      ? 'Use an account that may read at the source and deploy at the target, and for `move` delete at the source.'
      : `No credentials for these repositories were found: log in to ${url.host} with docker login, or give them in \`registries\`.`
  if (status === 404)
    return `Check \`artifactory-url\`, of which ${withoutSecrets(url)} was made, and that the account may see both repositories.`
  if (status === 400)
    return 'Check the rights at both repositories, and that they are local or federated ones that hold images.'
  return cause.hint
}
