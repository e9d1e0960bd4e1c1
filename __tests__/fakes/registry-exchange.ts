import type { IncomingHttpHeaders } from 'node:http'
import type { RegistryStore, StoredRepository } from './registry-store.ts'
import type { RegistrySwitches } from './registry-switches.ts'

/** `registry` is the registry itself; `elsewhere` its second origin, for tokens, redirected blobs and uploads. */
export type Origin = 'registry' | 'elsewhere'

/** An origin on loopback under the name `localhost`, which is another host than the address. */
export function underAnotherName(origin: string): string {
  return origin.replace('127.0.0.1', 'localhost')
}

/** A request before its body. */
export interface RequestHead {
  readonly origin: Origin
  readonly method: string
  /** Without the query. */
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: IncomingHttpHeaders
}

/** A request with its whole body. */
export interface ReceivedRequest extends RequestHead {
  readonly body: Buffer
}

/** What is answered. `cut` stops in the middle of the body: by a reset, by an early end, or by sending no more. */
export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
  readonly cut?: 'reset' | 'end' | 'stall'
  /** What is sent instead of `body`, as fast as it comes; the headers say how long it is. */
  readonly stream?: () => AsyncIterable<Uint8Array>
}

/** What a route knows: the request, what its path names, and the registry's state. */
export interface Exchange {
  readonly request: ReceivedRequest
  readonly name: string
  /** The last part of the path: a tag, a digest or an upload session. */
  readonly reference: string
  readonly repository: StoredRepository
  readonly store: RegistryStore
  readonly switches: RegistrySwitches
  /** `http://127.0.0.1:PORT` of either origin. */
  readonly origins: Readonly<Record<Origin, string>>
}

/** An answer with a body of bytes, of text, or none. */
export function answer(
  status: number,
  headers: Readonly<Record<string, string>> = {},
  body: Uint8Array | string = '',
): Answer {
  return { status, headers, body: Buffer.from(body) }
}

/** An answer of JSON, `application/json` unless the headers say otherwise. */
export function jsonAnswer(
  status: number,
  value: unknown,
  headers: Readonly<Record<string, string>> = {},
): Answer {
  return answer(status, { 'content-type': 'application/json', ...headers }, JSON.stringify(value))
}

/** An error in the form of the OCI distribution specification, "Error Codes". */
export function errorAnswer(
  status: number,
  code: string,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): Answer {
  return jsonAnswer(status, { errors: [{ code, message }] }, headers)
}

/** The answer to a method that the registry does not have, or not here. */
export function methodRefused(): Answer {
  return errorAnswer(405, 'UNSUPPORTED', 'the operation is unsupported')
}
