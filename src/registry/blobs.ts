import { createHash, type Hash } from 'node:crypto'
import type { Descriptor } from '../oci/descriptor.ts'
import { algorithmOf, hexOf } from '../oci/digest.ts'
import type { RepositoryName } from '../oci/reference.ts'
import { strange404 } from './absence.ts'
import { connectionFailure } from './connection-failure.ts'
import type { HttpAnswer, HttpResponse } from './http.ts'
import { printable, RegistryError } from './registry-error.ts'
import type { RepositoryTransport } from './transport.ts'

const MOST_FRUITLESS_TRANSFERS = 4
/** Bytes that a transfer which breaks off must have brought to count for anything. */
const FRUITFUL = 64 * 1024

/** HEAD of a blob; `false` only for a 404 (OCI distribution specification, "Checking if content exists in the registry"). */
export async function hasBlob(transport: RepositoryTransport, blob: Descriptor): Promise<boolean> {
  const response = await transport.send({ method: 'HEAD', path: blobPath(blob), expect: [200, 404] })
  if (response.status === 404 && !transport.isOwn(response)) throw strange404('HEAD', response)
  return response.status === 200
}

/**
 * Streams a blob and checks it while it is read: too many bytes fail at once, a wrong size or digest at the end. A transfer that
 * breaks off goes on where it stopped. Throws a RegistryError.
 */
export async function* fetchBlob(
  transport: RepositoryTransport,
  blob: Descriptor,
): AsyncGenerator<Uint8Array> {
  const check = new BlobCheck(blob)
  let broken: Error | undefined
  for (let fruitless = 0; ; ) {
    const response = await transport.retry(() => {
      // A transfer that broke off counts as the first failure of the next one, so that the policy's pause comes between them.
      const failure = broken
      broken = undefined
      return failure === undefined ? openFrom(transport, blob, check) : Promise.reject(failure)
    })
    broken = yield* readChecked(response, check)
    if (broken === undefined || check.read === blob.size) break
    fruitless = check.advanced() ? 0 : fruitless + 1
    if (fruitless > MOST_FRUITLESS_TRANSFERS) throw broken
  }
  check.finish(transport.name)
}

/** A blob of at most SMALL_BLOB bytes in one piece, checked. Throws a RegistryError. */
export async function fetchSmallBlob(transport: RepositoryTransport, blob: Descriptor): Promise<Uint8Array> {
  const headers = { 'accept-encoding': 'identity' }
  const asked = { method: 'GET', path: blobPath(blob), headers, expect: [200] } as const
  const { url, bytes } = await transport.read(asked, blob.size)
  const check = new BlobCheck(blob)
  check.start(url, 0)
  check.add(bytes)
  check.finish(transport.name)
  return bytes
}

/** Throws a RegistryError when an answer names another digest than the content has. */
export function checkAnsweredDigest(
  response: HttpAnswer,
  method: string,
  { digest }: Pick<Descriptor, 'digest'>,
): void {
  const answered = response.headers['docker-content-digest']
  if (answered === undefined || answered === digest || algorithmOf(digest) !== answered.split(':')[0]) return
  const problem = `${response.status} with the digest ${printable(answered)} for ${digest}`
  throw new RegistryError({ method, url: response.url, status: response.status, problem })
}

function blobPath(blob: Descriptor): string {
  return `blobs/${blob.digest}`
}

async function openFrom(
  transport: RepositoryTransport,
  blob: Descriptor,
  check: BlobCheck,
): Promise<HttpResponse> {
  const resumed = check.read > 0
  const response = await transport.open({
    method: 'GET',
    path: blobPath(blob),
    headers: { 'accept-encoding': 'identity', ...(resumed && { range: `bytes=${check.read}-` }) },
    expect: resumed ? [200, 206] : [200],
  })
  const isPart = response.status === 206
  if (isPart && !response.headers['content-range']?.startsWith(`bytes ${check.read}-`)) {
    await response.body.dump()
    const range = printable(response.headers['content-range'] ?? '')
    const problem = `206 with the range "${range}" instead of the one from ${check.read}`
    throw new RegistryError({ method: 'GET', url: response.url, status: 206, problem })
  }
  check.start(response.url, isPart ? check.read : 0)
  return response
}

/** Yields the bytes that were not seen yet; returns what broke the transfer, if something did. */
async function* readChecked(
  response: HttpResponse,
  check: BlobCheck,
): AsyncGenerator<Uint8Array, Error | undefined> {
  try {
    for await (const chunk of response.body) {
      const fresh = check.add(chunk)
      if (fresh.byteLength > 0) yield fresh
    }
    return undefined
  } catch (cause) {
    const failure = connectionFailure('GET', response.url, cause)
    if (failure instanceof RegistryError && failure.transient) return failure
    throw failure
  }
}

/** Counts and hashes a blob over all the transfers that it takes. */
class BlobCheck {
  read = 0
  readonly #blob: Descriptor
  readonly #hash: Hash
  #url: URL | undefined
  /** How many bytes of the present transfer were seen in an earlier one. */
  #repeated = 0
  #before = 0

  constructor(blob: Descriptor) {
    this.#blob = blob
    this.#hash = createHash(algorithmOf(blob.digest))
  }

  start(url: URL, offset: number): void {
    this.#url = url
    this.#repeated = this.read - offset
    this.#before = this.read
  }

  /** Whether the present transfer brought enough that it may break off as often as it likes. */
  advanced(): boolean {
    return this.read - this.#before >= Math.min(FRUITFUL, this.#blob.size - this.#before)
  }

  add(chunk: Uint8Array): Uint8Array {
    const skipped = Math.min(this.#repeated, chunk.byteLength)
    this.#repeated -= skipped
    const fresh = chunk.subarray(skipped)
    this.read += fresh.byteLength
    if (this.read > this.#blob.size)
      throw this.#wrong(`more than the ${this.#blob.size} bytes of ${this.#blob.digest}`)
    this.#hash.update(fresh)
    return fresh
  }

  finish(name: RepositoryName): void {
    if (this.read < this.#blob.size) {
      throw this.#wrong(`${this.read} bytes instead of the ${this.#blob.size} of ${this.#blob.digest}`)
    }
    const hex = this.#hash.digest('hex')
    if (hex !== hexOf(this.#blob.digest)) {
      throw this.#wrong(`bytes of the digest ${hex} for ${this.#blob.digest} in ${name.path}`)
    }
  }

  #wrong(problem: string): RegistryError {
    return new RegistryError({
      method: 'GET',
      url: this.#url ?? new URL('about:blank'),
      status: 200,
      problem: `200 with ${problem}`,
      hint: 'The registry or something on the way changed the blob; push it again at the source.',
    })
  }
}
