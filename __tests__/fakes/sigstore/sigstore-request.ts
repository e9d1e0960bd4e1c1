import type { IncomingHttpHeaders } from 'node:http'

/** A request to a service of the private Sigstore. */
export interface SigstoreRequest {
  readonly method: string
  /** Below the service's own URL, without the query. */
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

/** What a service does not do, with the status to answer. */
export class ServiceError extends Error {
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

/** The token of the Authorization header; '' without one. */
export function bearerOf({ headers }: SigstoreRequest): string {
  return /^bearer (?<token>\S+)$/i.exec(headers.authorization ?? '')?.groups?.token ?? ''
}

/** The request's body as JSON; a status of 400 when it is none. */
export function jsonOf({ body }: SigstoreRequest): unknown {
  try {
    return JSON.parse(body.toString())
  } catch (error) {
    throw new ServiceError(400, `the body is not JSON: ${String(error)}`)
  }
}
