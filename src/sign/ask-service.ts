import { PromotionError } from '../errors.ts'
import type { HttpClient, HttpContent } from '../registry/http.ts'

/** The run's HTTP, with its time-outs, retries, proxies and limits; it knows the secrets that must not come back in an error. */
export type ServiceHttp = Pick<HttpClient, 'attempt' | 'retry' | 'secrets'>

/** One question to a service of Sigstore. */
export interface ServiceQuestion {
  /** What is asked for, for messages: "a certificate". */
  readonly wanted: string
  readonly url: URL
  /** Sent with POST; without it the question is a GET. */
  readonly body?: { readonly mediaType: string; readonly bytes: Uint8Array }
  readonly accept: string
  /** Statuses besides success that the caller understands. */
  readonly expect?: readonly number[]
  /** What names the service, for hints: "`fulcio-url` or the signing config". */
  readonly namedBy: string
  /** What to do when the service has what is asked for already (409). */
  readonly hintOfConflict?: string
}

/** Bytes; log entries and certificates have a few thousand. */
const ANSWER_LIMIT = 1024 * 1024
const SUCCESS: readonly number[] = [200, 201]
const CONFLICT = 409
const JSON_TYPE = 'application/json'

/**
 * Asks a service of Sigstore; no redirect is followed, because what is sent is meant for this service alone. Throws a PromotionError of kind
 * `signing` with the URL, the status and the service's own words, or the reason of an interruption.
 */
export async function askService(http: ServiceHttp, question: ServiceQuestion): Promise<HttpContent> {
  const { url, body, accept, expect = [] } = question
  const headers = { accept, ...(body && { 'content-type': body.mediaType }) }
  const asked = {
    method: body === undefined ? 'GET' : 'POST',
    url,
    headers,
    ...(body && { body: body.bytes }),
    expect: [...SUCCESS, ...expect],
    maxRedirects: 0,
  } as const
  try {
    return await http.retry(() => http.attempt(asked, ANSWER_LIMIT))
  } catch (thrown) {
    throw thrown instanceof PromotionError && thrown.kind === 'registry' ? notGiven(question, thrown) : thrown
  }
}

/** Asks with JSON for JSON. */
export async function askForJson(
  http: ServiceHttp,
  { json, ...question }: Omit<ServiceQuestion, 'body' | 'accept'> & { readonly json?: unknown },
): Promise<{ readonly answer: HttpContent; readonly value: unknown }> {
  const bytes = json === undefined ? undefined : Buffer.from(JSON.stringify(json))
  const body = bytes && { mediaType: JSON_TYPE, bytes }
  const answer = await askService(http, { ...question, ...(body && { body }), accept: JSON_TYPE })
  try {
    return { answer, value: JSON.parse(Buffer.from(answer.bytes).toString()) }
  } catch {
    // The parser's error would quote the answer, and the answer may repeat what was sent.
    throw unusable(question, answer.bytes.byteLength === 0 ? 'an empty body' : 'something that is not JSON')
  }
}

/** The error for an answer of success that does not hold what was asked for; `what` says what it is instead. */
export function unusable(
  { wanted, url, namedBy }: Pick<ServiceQuestion, 'wanted' | 'url' | 'namedBy'>,
  what: string,
): PromotionError {
  const place = `${url.origin}${url.pathname}`
  return new PromotionError('signing', `${place} was asked for ${wanted} and answered with ${what}`, {
    hint: `Check that ${namedBy} names the right service of Sigstore.`,
  })
}

function notGiven(question: ServiceQuestion, cause: PromotionError): PromotionError {
  const wanted = question.wanted.replace(/^an? /, '')
  return new PromotionError('signing', `${question.url.host} gave no ${wanted}: ${cause.message}`, {
    cause,
    hint: hintFor(question, cause),
  })
}

function hintFor({ url: { host }, namedBy, hintOfConflict }: ServiceQuestion, cause: PromotionError): string {
  const status = 'status' in cause ? cause.status : undefined
  // Without an answer it is the connection's error that knows what to do.
  if (typeof status !== 'number') return cause.hint ?? `Check that ${host} can be reached from here.`
  if (status === CONFLICT && hintOfConflict !== undefined) return hintOfConflict
  if (status === 429 || status >= 500)
    return `Run again when ${host} is well: what is signed is not signed again.`
  return `${host} does not take this: check ${namedBy}, and what it says above.`
}
