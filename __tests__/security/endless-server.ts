import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What an endless answer begins with. */
export interface EndlessAnswer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly beginning?: string
}

const CHUNK = Buffer.alloc(64 * 1024, 'x')

/** A server on loopback whose answers do not end by themselves; it counts the bytes that it could get rid of. */
export class EndlessServer {
  /** Bytes of the longest answer. */
  longest = 0
  readonly #server: Server

  private constructor(answerTo: (request: IncomingMessage, origin: string) => EndlessAnswer | string) {
    this.#server = createServer((request, response) => {
      const answer = answerTo(request, `http://${this.host}`)
      if (typeof answer === 'string') {
        response.writeHead(401, { 'www-authenticate': answer }).end()
        return
      }
      response.writeHead(answer.status, answer.headers)
      if (request.method === 'HEAD') {
        response.end()
        return
      }
      let sent = 0
      const send = () => {
        while (!response.destroyed && response.write(CHUNK)) sent += CHUNK.byteLength
        sent += CHUNK.byteLength
        this.longest = Math.max(this.longest, sent)
      }
      response.on('drain', send).on('error', () => response.destroy())
      response.write(answer.beginning ?? '')
      send()
    })
  }

  /** A text is a challenge: the answer to it is a 401 that ends. */
  static async start(
    answerTo: (request: IncomingMessage, origin: string) => EndlessAnswer | string,
  ): Promise<EndlessServer> {
    const endless = new EndlessServer(answerTo)
    endless.#server.listen(0, '127.0.0.1')
    await once(endless.#server, 'listening')
    return endless
  }

  get host(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close()
    this.#server.closeAllConnections()
    await once(this.#server, 'close')
  }
}
