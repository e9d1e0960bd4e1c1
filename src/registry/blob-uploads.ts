import type { Descriptor } from '../oci/descriptor.ts'
import type { RepositoryName } from '../oci/reference.ts'
import { SMALL_BLOB } from '../oci/small-blob.ts'
import { checkAnsweredDigest, hasBlob } from './blobs.ts'
import type { HttpAnswer } from './http.ts'
import { RegistryError } from './registry-error.ts'
import type { BlobUpload, OpenBlob, UploadAnswer } from './repository.ts'
import type { RepositoryTransport } from './transport.ts'
import type { Learned, UploadHabits } from './upload-habits.ts'

const NO_BODY = new Uint8Array()

/** Uploads to one repository, each blob as a whole (OCI distribution specification, "POST then PUT", "Mounting a blob"). */
export class BlobUploads {
  readonly #transport: RepositoryTransport
  readonly #habits: UploadHabits

  constructor(transport: RepositoryTransport, habits: UploadHabits) {
    this.#transport = transport
    this.#habits = habits
  }

  /** Takes the blob over from another repository of the registry, finds that it is there, or begins its upload. */
  async begin(blob: Descriptor, from?: RepositoryName): Promise<UploadAnswer> {
    if (from !== undefined) {
      const answer = await this.#mount(blob, from)
      if (answer !== 'refused') return answer === 'taken' ? 'mounted' : this.#upload(blob, answer)
      // Not to wait for what others find out: they may wait for this answer before they send.
      return this.#askAndBegin(blob)
    }
    const { name } = this.#transport
    const tells = this.#habits.of(name.registry)
    // A large blob is not what the others should wait for, nor does it wait for them.
    if (blob.size > SMALL_BLOB) return this.#askAndBegin(blob)
    if (tells === undefined) return this.#learnFrom(blob, this.#habits.learn(name.registry))
    if (!(await tells)) return this.#askAndBegin(blob)
    const answer = await this.#mount(blob, name)
    if (answer === 'refused') return this.#askAndBegin(blob)
    return answer === 'taken' ? 'present' : this.#upload(blob, answer)
  }

  /** Begins an upload of nothing in particular and gives it up: what keeps the registry from taking uploads is thrown now. */
  async rehearse(): Promise<void> {
    const begun = await this.#transport.retry(() => this.#open())
    await this.#cancel(begun, (close) => this.#transport.retry(close))
  }

  async #askAndBegin(blob: Descriptor): Promise<UploadAnswer> {
    if (await hasBlob(this.#transport, blob)) return 'present'
    return this.#upload(blob, await this.#transport.retry(() => this.#open()))
  }

  #upload(blob: Descriptor, begun: URL): BlobUpload {
    let location: URL | undefined = begun
    return {
      send: (content) =>
        this.#transport.retry(async () => {
          const session = location ?? (await this.#open())
          location = undefined
          await this.#put(session, blob, content)
        }),
      cancel: async () => {
        if (location !== undefined) await this.#cancel(location)
      },
    }
  }

  /** What is there, because it was or because it has just been sent, shows whether the registry says so. */
  async #learnFrom(blob: Descriptor, learned: Learned): Promise<UploadAnswer> {
    try {
      const answer = await this.#askAndBegin(blob)
      if (typeof answer === 'string') {
        learned(await this.#tells(blob))
        return answer
      }
      return {
        send: async (content) => {
          let tells: boolean | undefined
          try {
            await answer.send(content)
            tells = await this.#tells(blob)
          } finally {
            learned(tells)
          }
        },
        cancel: async () => {
          learned(undefined)
          await answer.cancel()
        },
      }
    } catch (error) {
      learned(undefined)
      throw error
    }
  }

  async #tells(blob: Descriptor): Promise<boolean> {
    try {
      const answer = await this.#mount(blob, this.#transport.name)
      if (answer instanceof URL) await this.#cancel(answer)
      return answer === 'taken'
    } catch (error) {
      // A failure of what was only to be learned must not become one of the blob, which is there.
      if (error instanceof RegistryError) return false
      throw error
    }
  }

  async #open(): Promise<URL> {
    const session = await this.#transport.attempt({
      method: 'POST',
      path: 'blobs/uploads/',
      body: NO_BODY,
      actions: 'pull,push',
      expect: [202],
      lingers: true,
    })
    return this.#locationOf(session)
  }

  async #put(session: URL, blob: Descriptor, content: Uint8Array | OpenBlob): Promise<void> {
    const source: { failure?: unknown } = {}
    const body =
      content instanceof Uint8Array ? content : { open: () => watched(content(), source), size: blob.size }
    try {
      const done = await this.#transport.attempt({
        method: 'PUT',
        url: withDigestParameter(session, blob),
        headers: { 'content-type': 'application/octet-stream' },
        body,
        actions: 'pull,push',
        expect: [201],
      })
      checkAnsweredDigest(done, 'PUT', blob)
    } catch (error) {
      await this.#cancel(session)
      throw error !== source.failure && isLostSession(error) ? lostSession(session, error) : error
    }
  }

  /** `taken`: the blob is there now. `refused`: not by this way; otherwise the upload that was opened instead. */
  async #mount(blob: Descriptor, from: RepositoryName): Promise<'taken' | 'refused' | URL> {
    const query = new URLSearchParams({ mount: blob.digest, from: from.path })
    const { name } = this.#transport
    try {
      const response = await this.#transport.send({
        method: 'POST',
        path: `blobs/uploads/?${query}`,
        body: NO_BODY,
        actions: 'pull,push',
        ...(from.path !== name.path && { alsoPull: from }),
        expect: [201, 202],
        lingers: true,
      })
      return response.status === 201 ? 'taken' : this.#locationOf(response)
    } catch (error) {
      // A registry that cannot mount says so with any refusal; one that cannot be reached is an error.
      if (error instanceof RegistryError && isRefusal(error.status)) return 'refused'
      throw error
    }
  }

  /** The session's URL as the registry gave it, resolved and never assembled by hand. */
  #locationOf(response: HttpAnswer): URL {
    const { location } = response.headers
    const url = location === undefined ? null : URL.parse(location, response.url.href)
    if (url === null) {
      const problem = `${response.status} without a usable Location for the upload`
      throw new RegistryError({ method: 'POST', url: response.url, status: response.status, problem })
    }
    this.#transport.mayFollow('POST', response.url, url)
    return url
  }

  /** Once, unless the caller has a reason to try again where nothing else has failed. */
  async #cancel(
    location: URL,
    trying: (close: () => Promise<unknown>) => Promise<unknown> = (close) => close(),
  ): Promise<void> {
    const close = () =>
      this.#transport.attempt({
        method: 'DELETE',
        url: location,
        actions: 'pull,push,delete',
        expect: [200, 202, 204, 400, 404, 405],
        outlivesRun: true,
      })
    try {
      await trying(close)
    } catch {
      // A courtesy to the registry, which drops stale sessions by itself; what led here matters more.
    }
  }
}

/** The registry understood the request and will not do it, now or later. */
export function isRefusal(status: number | undefined): boolean {
  return status !== undefined && status >= 400 && status < 500 && status !== 408 && status !== 429
}

/** The bytes as they come; what their source fails with is noted, because it says nothing of where they are sent. */
async function* watched(
  bytes: AsyncIterable<Uint8Array>,
  source: { failure?: unknown },
): AsyncGenerator<Uint8Array> {
  try {
    yield* bytes
  } catch (error) {
    source.failure = error
    throw error
  }
}

function isLostSession(error: unknown): error is RegistryError {
  return error instanceof RegistryError && error.status === 404
}

/** A session that the registry does not know any more, as after a restart of it: another one may do. */
function lostSession(url: URL, { status, codes, message }: RegistryError): RegistryError {
  const problem = `404, so that the upload session is lost (${message})`
  return new RegistryError({ method: 'PUT', url, problem, codes, transient: true, ...(status && { status }) })
}

/** Appends to the query as it stands: parsing and writing it anew could change what the registry put there. */
function withDigestParameter(location: URL, blob: Descriptor): URL {
  const url = new URL(location)
  url.search = `${url.search === '' ? '?' : `${url.search}&`}digest=${encodeURIComponent(blob.digest)}`
  return url
}
