import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { pipeline } from 'node:stream/promises'
import { RegistryAuth } from './registry-auth.ts'
import type { Answer, Origin, ReceivedRequest, RequestHead } from './registry-exchange.ts'
import { type Play, playFault, RegistryFaults } from './registry-faults.ts'
import { faultNamed } from './registry-named-faults.ts'
import { RegistryRoutes } from './registry-routes.ts'
import { RegistryStore } from './registry-store.ts'
import { FAIR_REGISTRY, type RegistrySwitches } from './registry-switches.ts'

/** A request as it was recorded; the status stays undefined where nothing was answered. */
export interface RecordedRequest extends RequestHead {
  readonly status: number | undefined
  /** Bytes of the bodies. */
  readonly bytesIn: number
  readonly bytesOut: number
}

type OpenRecord = { -readonly [K in keyof RecordedRequest]: RecordedRequest[K] }

const LOOPBACK = '127.0.0.1'
const KEEP_ALIVE_MS = 60_000

/** A small OCI registry in memory, with a second origin on another port for tokens and redirects. */
export class RegistryServer {
  readonly switches: RegistrySwitches
  readonly store: RegistryStore
  /** Every request to either origin, in the order of arrival. */
  readonly requests: RecordedRequest[] = []
  readonly #faults = new RegistryFaults()
  readonly #servers: Readonly<Record<Origin, Server>>
  #hosts: Readonly<Record<Origin, string>> = { registry: '', elsewhere: '' }
  #auth: RegistryAuth | undefined
  #routes: RegistryRoutes | undefined

  constructor(switches: Partial<RegistrySwitches>) {
    this.switches = { ...FAIR_REGISTRY, ...switches }
    this.store = new RegistryStore(() => this.switches.referrersApi)
    this.#servers = { registry: this.#serve('registry'), elsewhere: this.#serve('elsewhere') }
  }

  /** `127.0.0.1:PORT`. */
  get host(): string {
    return this.#hosts.registry
  }

  /** The host of tokens, redirected blobs and redirected uploads. */
  get hostElsewhere(): string {
    return this.#hosts.elsewhere
  }

  /** Listens on this port of loopback, and elsewhere on any free one. */
  async start(port: number): Promise<void> {
    const registry = await listen(this.#servers.registry, port)
    const elsewhere = await listen(this.#servers.elsewhere, 0)
    this.#hosts = { registry, elsewhere }
    const origins = { registry: `http://${registry}`, elsewhere: `http://${elsewhere}` }
    this.#auth = new RegistryAuth(this.switches, origins)
    this.#routes = new RegistryRoutes(this.store, this.switches, this.#auth, origins)
  }

  /** Plays a fault on the next `times` requests that match. */
  fault(match: (request: RequestHead) => boolean, times: number, play: Play): void {
    this.#faults.add(match, times, play)
  }

  clearFaults(): void {
    this.#faults.clear()
  }

  /** Plays a fault of the table in registry-named-faults.ts, but not on these tags and digests; returns how often it was met so far. */
  play(name: string, spared: ReadonlySet<string> = new Set()): () => number {
    const { switches, arrange } = faultNamed(name)
    Object.assign(this.switches, switches)
    return arrange(this, spared)
  }

  /** Takes back every token that was handed out. */
  revokeTokens(): void {
    this.#auth?.revokeTokens()
  }

  /** The recorded requests of these methods, to either origin. */
  requestsBy(...methods: readonly string[]): readonly RecordedRequest[] {
    return this.requests.filter((request) => methods.includes(request.method))
  }

  /** Stops at once, whatever is still open. */
  async stop(): Promise<void> {
    const closing = Object.values(this.#servers).filter((server) => server.listening)
    await Promise.all(
      closing.map(async (server) => {
        const closed = once(server, 'close')
        server.close()
        server.closeAllConnections()
        await closed
      }),
    )
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }

  #serve(origin: Origin): Server {
    const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, (message, response) => {
      this.#handle(origin, message, response).catch((error: unknown) => {
        // The other end went away in the middle of a body: what this server itself does wrong must be seen.
        if (message.errored || response.destroyed) return
        response.writeHead(500).end(String(error))
      })
    })
    return server
  }

  async #handle(origin: Origin, message: IncomingMessage, response: ServerResponse): Promise<void> {
    const record = recordOf(origin, message)
    this.requests.push(record)
    const play = this.#faults.take(record)
    if (play === 'hang') return
    if (play === 'reset' || play === 'reset in the upload') {
      if (play === 'reset in the upload') await Promise.race([once(message, 'data'), once(message, 'end')])
      message.socket.resetAndDestroy()
      return
    }
    const request = { ...record, body: await readBody(message) }
    record.bytesIn = request.body.byteLength
    const proceed = () => this.#answer(request)
    const answer = play === undefined ? proceed() : await playFault(play, request, proceed)
    record.status = answer.status
    record.bytesOut = answer.stream
      ? await sendStream(answer, answer.stream(), response)
      : send(answer, message, response)
  }

  #answer(request: ReceivedRequest): Answer {
    if (!this.#routes) throw new Error('the registry was not started')
    return this.#routes.answer(request)
  }
}

/** Starts a fair registry on loopback, with these switches set otherwise; port 0 takes a free one. */
export async function startRegistry({
  port = 0,
  ...switches
}: Partial<RegistrySwitches> & { readonly port?: number } = {}): Promise<RegistryServer> {
  const registry = new RegistryServer(switches)
  await registry.start(port)
  return registry
}

async function listen(server: Server, port: number): Promise<string> {
  server.listen(port, LOOPBACK)
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port was given')
  return `${LOOPBACK}:${address.port}`
}

function recordOf(origin: Origin, message: IncomingMessage): OpenRecord {
  const [path = '', ...query] = (message.url ?? '').split('?')
  return {
    origin,
    method: message.method ?? '',
    path,
    query: new URLSearchParams(query.join('?')),
    headers: message.headers,
    status: undefined,
    bytesIn: 0,
    bytesOut: 0,
  }
}

async function readBody(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of message) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

/** Sends what comes, and stops when the other end has gone; the headers say how much it would have been. */
async function sendStream(
  { status, headers }: Answer,
  stream: AsyncIterable<Uint8Array>,
  response: ServerResponse,
): Promise<number> {
  let bytes = 0
  response.writeHead(status, headers)
  await pipeline(
    stream,
    async function* (chunks) {
      for await (const chunk of chunks) {
        bytes += chunk.byteLength
        yield chunk
      }
    },
    response,
  )
  return bytes
}

/** Sends an answer, or the half of it, and returns the bytes of its body that were sent. */
function send(
  { status, headers, body, cut }: Answer,
  message: IncomingMessage,
  response: ServerResponse,
): number {
  const hasBody = message.method !== 'HEAD' && status !== 204
  const length = status === 204 ? {} : { 'content-length': String(body.byteLength) }
  response.writeHead(status, { 'docker-distribution-api-version': 'registry/2.0', ...length, ...headers })
  if (!hasBody || cut === undefined) {
    response.end(hasBody ? body : undefined)
    return hasBody ? body.byteLength : 0
  }
  const half = body.subarray(0, body.byteLength >> 1)
  response.write(half, () => {
    if (cut === 'reset') message.socket.resetAndDestroy()
    if (cut === 'end') message.socket.end()
  })
  return half.byteLength
}
