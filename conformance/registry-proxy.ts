import { once } from 'node:events'
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { pipeline } from 'node:stream/promises'

/** A request as it passed, such as `PUT /v2/prod/manifests/v1`. */
export interface PassedRequest {
  readonly method: string
  readonly path: string
}

/** A registry's stand-in in front of it: notes what is asked, and can answer in its place. */
export interface RegistryProxy extends AsyncDisposable {
  /** `127.0.0.1:PORT`. */
  readonly host: string
  /** Every request so far; may be emptied. */
  readonly requests: PassedRequest[]
}

const READS = ['GET', 'HEAD']

/** Those among the requests that write something. */
export function writesAmong<Request extends Pick<PassedRequest, 'method'>>(
  requests: readonly Request[],
): readonly Request[] {
  return requests.filter(({ method }) => !READS.includes(method))
}

/** Starts a proxy for the registry at `target`; where `refuse` gives a status, that is the answer, as soon as it does. */
export async function startRegistryProxy(
  target: string,
  refuse: (passed: PassedRequest) => number | undefined | Promise<number> = () => undefined,
): Promise<RegistryProxy> {
  const requests: PassedRequest[] = []
  const server = createServer(async (incoming, response) => {
    const passed = { method: incoming.method ?? '', path: incoming.url ?? '' }
    requests.push(passed)
    const answer = refuse(passed)
    const status = answer instanceof Promise ? await answer : answer
    if (status === undefined) {
      pass(target, incoming, response).catch(() => response.destroy())
    } else {
      response.writeHead(status, { 'content-type': 'application/json' })
      response.end('{"errors":[{"code":"DENIED","message":"requested access to the resource is denied"}]}')
    }
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    host: `127.0.0.1:${port}`,
    requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

/** The Host header stays, so that the registry's Location headers lead through the proxy again. */
async function pass(target: string, incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  const { method, headers, url } = incoming
  const outgoing = request(`http://${target}${url}`, { method, headers })
  const answered = once(outgoing, 'response') as Promise<[IncomingMessage]>
  const [[answer]] = await Promise.all([answered, pipeline(incoming, outgoing)])
  response.writeHead(answer.statusCode ?? 502, answer.headers)
  await pipeline(answer, response)
}
