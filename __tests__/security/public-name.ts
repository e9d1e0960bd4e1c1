import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo, connect, type Server, type Socket } from 'node:net'
import tls from 'node:tls'
import { PUBLIC_CERTIFICATE } from './public-certificate.ts'

/** The name under which a registry on loopback is reached as if it were a public one, over TLS. */
export const PUBLIC_NAME = 'registry.example'

const LOOPBACK = '127.0.0.1'
const PROXY_VARIABLES = ['HTTPS_PROXY', 'HTTP_PROXY', 'NO_PROXY', 'https_proxy', 'http_proxy', 'no_proxy']

/** What is behind the name. */
export interface PublicNameOptions {
  readonly name?: string
  /** Whether the certificate, which is for `registry.example`, is one that this process trusts. */
  readonly isTrusted?: boolean
  /** Whether TLS is spoken there at all. */
  readonly hasTls?: boolean
}

/**
 * A proxy on loopback that leads a name, `registry.example` unless said otherwise, to a server of the test: port 443 through TLS, port 80
 * directly, everything else nowhere. From its start on, every request of this process that is not to loopback itself goes through it and is
 * recorded.
 */
export class PublicName {
  /** What the proxy was asked for: `CONNECT host:port`, or `METHOD URL` where somebody spoke plain HTTP. */
  readonly asked: string[] = []
  /** Called for each of these. */
  onAsked: () => void = () => {}
  readonly #sockets = new Set<Socket>()
  readonly #before = new Map(PROXY_VARIABLES.map((name) => [name, process.env[name]]))
  readonly #authorities = tls.getCACertificates()
  readonly #servers: Server[] = []

  static async start(host: string, options: PublicNameOptions = {}): Promise<PublicName> {
    const { name = PUBLIC_NAME, isTrusted = true, hasTls = true } = options
    const made = new PublicName()
    const plain = Number(host.split(':')[1])
    const secure = hasTls ? await made.#listen(made.#terminator(plain)) : plain
    const ports = new Map([
      [`${name}:443`, secure],
      [`${name}:80`, plain],
    ])
    const proxy = await made.#listen(made.#proxy(ports))
    for (const variable of PROXY_VARIABLES) delete process.env[variable]
    process.env.HTTPS_PROXY = `http://${LOOPBACK}:${proxy}`
    process.env.HTTP_PROXY = `http://${LOOPBACK}:${proxy}`
    if (isTrusted) tls.setDefaultCACertificates([...made.#authorities, PUBLIC_CERTIFICATE.cert])
    return made
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const [variable, value] of this.#before) {
      if (value === undefined) delete process.env[variable]
      else process.env[variable] = value
    }
    tls.setDefaultCACertificates(this.#authorities)
    for (const socket of this.#sockets) socket.destroy()
    for (const server of this.#servers) {
      server.close()
      await once(server, 'close')
    }
  }

  #terminator(port: number): Server {
    return tls.createServer(PUBLIC_CERTIFICATE, (socket) => this.#join(socket, port))
  }

  #proxy(ports: ReadonlyMap<string, number>): Server {
    const proxy = createServer((request, response) => {
      this.#note(`${request.method} ${request.url}`)
      response.writeHead(502).end()
    })
    proxy.on('connect', ({ url = '' }, socket: Socket) => {
      socket.on('error', () => socket.destroy())
      this.#note(`CONNECT ${url}`)
      const port = ports.get(url)
      if (port === undefined) {
        socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n')
        return
      }
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
      this.#join(socket, port)
    })
    return proxy
  }

  #note(asked: string): void {
    this.asked.push(asked)
    this.onAsked()
  }

  /** Joins two sockets; what breaks one of them ends the other, and is for the program under test to tell. */
  #join(one: Socket, port: number): void {
    const other = connect(port, LOOPBACK)
    for (const [from, to] of [
      [one, other],
      [other, one],
    ] as const) {
      this.#sockets.add(from)
      from.on('error', () => to.destroy()).on('close', () => to.destroy())
      from.pipe(to)
    }
  }

  async #listen(server: Server): Promise<number> {
    server.on('connection', (socket) => this.#sockets.add(socket))
    server.listen(0, LOOPBACK)
    await once(server, 'listening')
    this.#servers.push(server)
    return (server.address() as AddressInfo).port
  }
}
