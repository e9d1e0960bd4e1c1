import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { readRequestLine, readStatus } from './request-line.ts'
import { ShapedPipe } from './shaped-pipe.ts'
import { TokenBucket } from './token-bucket.ts'
import type { Traffic } from './traffic.ts'

/** What the way to a registry is like. */
export interface LinkShape {
  /** Milliseconds that are added to each request. */
  readonly delay: number
  /** Bytes a second in each direction; `null` for no limit. */
  readonly bandwidth: number | null
}

interface Counters {
  requests: Record<string, number>
  statuses: Record<string, number>
  sent: number
  received: number
  connections: number
  inFlight: number
}

const FREE: LinkShape = { delay: 0, bandwidth: null }

/**
 * A TCP relay in front of a registry that follows HTTP/1.1 turn by turn and never parses a body: client bytes behind server bytes
 * begin a request when they look like one. The Host header stays, so that Location headers lead through the relay again.
 */
export class Relay implements AsyncDisposable {
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  readonly #target: { readonly host: string; readonly port: number }
  #shape = FREE
  #up = new TokenBucket(Number.POSITIVE_INFINITY)
  #down = new TokenBucket(Number.POSITIVE_INFINITY)
  #counters = emptyCounters()
  #waiting = 0

  /** Takes the registry's `host:port`. */
  constructor(target: string) {
    const { hostname, port } = new URL(`http://${target}`)
    this.#target = { host: hostname, port: Number(port) }
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => this.#join(client))
  }

  /** Listens on a free loopback port and returns `host:port`. */
  async listen(): Promise<string> {
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** Applies to connections from now on. */
  shape(shape: LinkShape): void {
    const bandwidth = shape.bandwidth ?? Number.POSITIVE_INFINITY
    this.#shape = shape
    this.#up = new TokenBucket(bandwidth)
    this.#down = new TokenBucket(bandwidth)
  }

  /** What has passed since the last time this was called. */
  takeTraffic(): Traffic {
    const traffic = this.#counters
    this.#counters = emptyCounters()
    return traffic
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    this.#server.close()
    await once(this.#server, 'close')
  }

  #join(client: Socket): void {
    const registry = connect({ ...this.#target, allowHalfOpen: true, noDelay: true })
    this.#counters.connections += 1
    this.#keepTogether(client, registry)
    const up = new ShapedPipe(client, registry, this.#up)
    const down = new ShapedPipe(registry, client, this.#down)
    let unanswered = false
    client.on('data', (bytes: Buffer) => {
      this.#counters.sent += bytes.byteLength
      const request = unanswered ? undefined : readRequestLine(bytes)
      if (request !== undefined) {
        unanswered = true
        this.#begin(request)
      }
      up.pass(bytes, performance.now() + (request === undefined ? 0 : this.#shape.delay))
    })
    registry.on('data', (bytes: Buffer) => {
      this.#counters.received += bytes.byteLength
      if (unanswered) {
        unanswered = false
        this.#answer(readStatus(bytes))
      }
      down.pass(bytes, 0)
    })
    client.once('end', () => up.end())
    registry.once('end', () => down.end())
    client.once('close', () => {
      if (unanswered) this.#waiting -= 1
      unanswered = false
    })
  }

  /** A side that breaks off takes the other with it; the tool under test sees what it would see without the relay. */
  #keepTogether(...pair: readonly [Socket, Socket]): void {
    for (const socket of pair) {
      this.#sockets.add(socket)
      socket.on('error', () => pair.forEach((other) => void other.destroy()))
      socket.once('close', () => {
        this.#sockets.delete(socket)
        if (socket.errored) for (const other of pair) other.destroy()
      })
    }
    pair[0].once('close', () => pair[1].destroy())
  }

  #begin(request: string): void {
    const { requests } = this.#counters
    requests[request] = (requests[request] ?? 0) + 1
    this.#waiting += 1
    this.#counters.inFlight = Math.max(this.#counters.inFlight, this.#waiting)
  }

  #answer(status: string): void {
    const { statuses } = this.#counters
    statuses[status] = (statuses[status] ?? 0) + 1
    this.#waiting -= 1
  }
}

function emptyCounters(): Counters {
  return { requests: {}, statuses: {}, sent: 0, received: 0, connections: 0, inFlight: 0 }
}
