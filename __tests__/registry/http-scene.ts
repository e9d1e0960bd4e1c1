import { once } from 'node:events'
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import type { TestContext } from 'node:test'
import { HttpClient, type HttpOptions } from '../../src/registry/http.ts'
import { FAST } from './connect.ts'

/** A server of a few lines and a client for it; both end with the test. */
export interface HttpScene {
  readonly http: HttpClient
  readonly url: URL
  /** How many connections were opened so far. */
  connections(): number
}

/** Milliseconds that are short for a test, and long for an event loop that has other tests to run. */
export const IDLE = 150

/** Starts both. */
export async function startHttp(
  context: TestContext,
  handle: RequestListener,
  options: HttpOptions = {},
): Promise<HttpScene> {
  let connections = 0
  const server = createServer({ keepAliveTimeout: 60_000 }, handle)
  server.on('connection', () => {
    connections += 1
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const http = new HttpClient({ retry: FAST, ...options })
  context.after(async () => {
    await http.close()
    server.close()
    server.closeAllConnections()
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port was given')
  return { http, url: new URL(`http://127.0.0.1:${address.port}/v2/`), connections: () => connections }
}

/** Answers with a body that trickles: a byte every few milliseconds, for ever. */
export function trickle(response: ServerResponse, status = 200): void {
  response.writeHead(status, { 'content-length': '100000' })
  const timer = setInterval(() => response.write('x'), 10)
  response.on('close', () => clearInterval(timer))
}

/** Reads a request's body and forgets it. */
export async function swallow(request: IncomingMessage): Promise<void> {
  for await (const _ of request);
}
