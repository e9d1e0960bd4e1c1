import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { type Answer, answer } from '../registry-exchange.ts'
import { ServiceError, type SigstoreRequest } from './sigstore-request.ts'

/** The services, each of which is reached under its name as the first part of the path. */
export type ServiceName = 'fulcio' | 'rekor' | 'rekorV2' | 'timestamp' | 'ct' | 'oidc' | 'token' | 'tuf'

export type Services = Readonly<Record<ServiceName, (request: SigstoreRequest) => Answer | Promise<Answer>>>

/** A request as it was recorded, with the path under which it came. */
export interface RecordedRequest {
  readonly method: string
  readonly path: string
  readonly status: number
}

const LOOPBACK = '127.0.0.1'

/** Serves all of a private Sigstore on one port of loopback. */
export class SigstoreServer {
  /** Every request that was answered, in the order of the answers. */
  readonly requests: RecordedRequest[] = []
  /** The status with which a service answers everything, as long as it is set; the body repeats the request's secrets. */
  readonly refuse: { -readonly [Name in ServiceName]?: number } = {}
  readonly #server: Server
  #services: Services | undefined

  constructor() {
    this.#server = createServer((message, response) => {
      this.#handle(message, response).catch((error: unknown) => response.destroy(error as Error))
    })
  }

  /** Listens on a free port and returns the URL. */
  async listen(): Promise<string> {
    this.#server.listen(0, LOOPBACK)
    await once(this.#server, 'listening')
    const address = this.#server.address()
    if (address === null || typeof address === 'string') throw new Error('no port was given')
    return `http://${LOOPBACK}:${address.port}`
  }

  serve(services: Services): void {
    this.#services = services
  }

  async close(): Promise<void> {
    const closed = once(this.#server, 'close')
    this.#server.close()
    this.#server.closeAllConnections()
    await closed
  }

  async #handle(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(message.url ?? '', `http://${LOOPBACK}`)
    const [, name = '', ...rest] = url.pathname.split('/')
    const request: SigstoreRequest = {
      method: message.method ?? '',
      path: `/${rest.join('/')}`,
      query: url.searchParams,
      headers: message.headers,
      body: await buffer(message),
    }
    const { status, headers, body } = await this.#answer(name, request)
    this.requests.push({ method: request.method, path: url.pathname, status })
    response.writeHead(status, { ...headers, 'content-length': body.byteLength }).end(body)
  }

  async #answer(name: string, request: SigstoreRequest): Promise<Answer> {
    if (!this.#services || !Object.hasOwn(this.#services, name)) return answer(404)
    const status = this.refuse[name as ServiceName]
    if (status !== undefined) {
      const { headers, body } = request
      return answer(status, {}, `refused: ${headers.authorization} ${body.toString()}`)
    }
    try {
      return await this.#services[name as ServiceName](request)
    } catch (error) {
      // What else the crypto or JSON of a request makes the services throw is the request's fault as well.
      const { status, message } =
        error instanceof ServiceError ? error : { status: 400, message: String(error) }
      return answer(status, { 'content-type': 'text/plain' }, message)
    }
  }
}
