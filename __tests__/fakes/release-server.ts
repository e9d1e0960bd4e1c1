import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** How one path is answered. */
export type Answer = (response: ServerResponse) => void

/** A web server for releases on loopback: what it does not have it answers with 404. */
export interface ReleaseServer extends AsyncDisposable {
  /** `http://127.0.0.1:PORT`. */
  readonly url: string
  /** By the path, which may be changed at any time. */
  readonly answers: Map<string, Answer>
  /** The paths that were asked for. */
  readonly requests: string[]
}

export async function startReleaseServer(): Promise<ReleaseServer> {
  const answers = new Map<string, Answer>()
  const requests: string[] = []
  const server = createServer(({ url = '' }, response) => {
    requests.push(url)
    const answer = answers.get(url)
    if (answer) answer(response)
    else response.writeHead(404).end('there is nothing here')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    answers,
    requests,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** Sends these bytes as a whole. */
export function sending(bytes: string | Uint8Array, type = 'application/octet-stream'): Answer {
  return (response) => response.writeHead(200, { 'content-type': type }).end(bytes)
}

/** Announces more bytes than it sends, and hangs up. */
export function hangingUp(bytes: string): Answer {
  return (response) => {
    response.writeHead(200, { 'content-length': bytes.length * 2 })
    response.write(bytes, () => response.destroy())
  }
}
