import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { resolve } from 'node:path'
import type { LinkShape } from './relay.ts'
import type { RelayAnswer, RelayQuestion } from './relay-process.ts'
import type { Traffic } from './traffic.ts'

const PROGRAM = resolve(import.meta.dirname, 'relay-process.ts')

/** A relay in the process that has them all. */
export interface RemoteRelay {
  /** `host:port` where it listens. */
  readonly host: string
  shape(shape: LinkShape): Promise<void>
  /** What has passed since the last time. */
  takeTraffic(): Promise<Traffic>
}

/** One process with all relays, so that what they cost is not paid by the bench's own event loop. */
export class RelayChild implements AsyncDisposable {
  readonly #child: ChildProcess = fork(PROGRAM, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  #last: Promise<unknown> = Promise.resolve()
  #opened = 0

  /** A relay in front of the registry at `host:port`. */
  async open(target: string): Promise<RemoteRelay> {
    const relay = this.#opened
    this.#opened += 1
    const { host = '' } = await this.#ask({ ask: 'open', target })
    return {
      host,
      shape: async (shape) => void (await this.#ask({ ask: 'shape', relay, shape })),
      takeTraffic: async () => {
        const { traffic } = await this.#ask({ ask: 'traffic', relay })
        if (traffic === undefined) throw new Error('the relays gave no traffic')
        return traffic
      },
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = once(this.#child, 'exit')
    this.#child.disconnect()
    await ended
  }

  /** One question at a time, so that answers cannot be mixed up. */
  #ask(question: RelayQuestion): Promise<RelayAnswer> {
    const asked = this.#last.then(() => this.#exchange(question))
    this.#last = asked.catch(() => undefined)
    return asked
  }

  async #exchange(question: RelayQuestion): Promise<RelayAnswer> {
    const ended = new AbortController()
    const answered = once(this.#child, 'message', { signal: ended.signal }) as Promise<[RelayAnswer]>
    const fail = () => ended.abort(new Error('the process with the relays ended'))
    this.#child.once('exit', fail)
    this.#child.send(question)
    try {
      const [answer] = await answered
      return answer
    } finally {
      this.#child.off('exit', fail)
    }
  }
}
