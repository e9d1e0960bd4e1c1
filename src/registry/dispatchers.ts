import type { Readable } from 'node:stream'
import { Agent, type Dispatcher, EnvHttpProxyAgent, setGlobalDispatcher } from 'undici'
import { isLoopbackHost } from './loopback.ts'

/** One request as it goes out. */
export interface Outgoing {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE'
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array | AsyncIterable<Uint8Array> | null
  /** A transfer that may have to wait for another one. */
  readonly isTransfer: boolean
}

interface Ways {
  readonly direct: Dispatcher
  readonly viaProxy: Dispatcher
}

const CONNECT_TIMEOUT = 10_000
const MAX_HEADER_SIZE = 32_768
/** Whatever the environment says: Node would switch this off by a variable. */
const CHECKED = { rejectUnauthorized: true } as const

/**
 * The connections of a client. Transfers have their own, as many as are needed: a blob that is read waits until its upload moves, and the two
 * may be at one host. All others are few and kept alive.
 */
export class Dispatchers {
  readonly #brief: Ways
  readonly #transfers: Ways

  /** `connections`: how many are kept to each host besides those of transfers. */
  constructor(connections: number) {
    this.#brief = waysWith(connections)
    this.#transfers = waysWith(null)
  }

  /** Sends a request; the handler hears of everything, failures included. */
  dispatch({ method, url, headers, body, isTransfer }: Outgoing, handler: Dispatcher.DispatchHandler): void {
    const ways = isTransfer ? this.#transfers : this.#brief
    const way = isLoopbackHost(url.hostname) ? ways.direct : ways.viaProxy
    way.dispatch(
      {
        origin: url.origin,
        path: `${url.pathname}${url.search}`,
        method,
        headers,
        // It takes any iterable, as its documentation says and its types do not.
        body: body as Uint8Array | Readable | null,
        // It closes the connection after every HEAD unless it is told not to.
        reset: false,
      },
      handler,
    )
  }

  /** Closes all connections; what is under way fails. */
  async destroy(): Promise<void> {
    const all = [this.#brief, this.#transfers].flatMap(({ direct, viaProxy }) => [direct, viaProxy])
    await Promise.all(all.map((way) => way.destroy()))
  }
}

/** Has Node's own `fetch`, which a library may use, keep to the proxy variables as well. It cannot be taken back. */
export function sendFetchThroughProxies(): void {
  setGlobalDispatcher(new EnvHttpProxyAgent())
}

function waysWith(connections: number | null): Ways {
  const options = {
    connections,
    pipelining: 1,
    maxHeaderSize: MAX_HEADER_SIZE,
    connect: { timeout: CONNECT_TIMEOUT, ...CHECKED },
    // Behind a proxy these two stand in its place.
    requestTls: { timeout: CONNECT_TIMEOUT, ...CHECKED },
    proxyTls: CHECKED,
    // What stands still is seen by who sent it (idle-watch.ts): these two would also end an answer that is on its way.
    headersTimeout: 0,
    bodyTimeout: 0,
  }
  return { direct: new Agent(options), viaProxy: new EnvHttpProxyAgent(options) }
}
