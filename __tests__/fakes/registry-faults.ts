import { type Answer, answer, type ReceivedRequest, type RequestHead } from './registry-exchange.ts'

/** Answers in place of the registry; `proceed` is what the registry itself would answer, with its effects. */
export type FaultHandler = (request: ReceivedRequest, proceed: () => Answer) => Answer | Promise<Answer>

/**
 * A fault by name, an answer of its own, or a handler.
 * - `reset`, `hang`: before the body of the request is read; nothing is answered.
 * - `reset in the upload`: with the first bytes of the request's body, or at its end when it has none.
 * - `reset in the body`, `early end`, `stall in the body`: after half of the answer's body, under the length of the whole.
 * - `short body`, `extra bytes`, `flipped byte`: the length agrees with what is sent.
 * - `applied, then 500`: the request takes effect, its answer says it did not.
 */
export type Play =
  | 'reset'
  | 'hang'
  | 'reset in the upload'
  | 'reset in the body'
  | 'early end'
  | 'stall in the body'
  | 'short body'
  | 'extra bytes'
  | 'flipped byte'
  | 'applied, then 500'
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: string }
  | FaultHandler

interface Fault {
  readonly match: (request: RequestHead) => boolean
  readonly play: Play
  timesLeft: number
}

/** Plays faults in the order in which they were asked for, each as often as asked. */
export class RegistryFaults {
  readonly #faults: Fault[] = []

  add(match: (request: RequestHead) => boolean, times: number, play: Play): void {
    this.#faults.push({ match, play, timesLeft: times })
  }

  /** Forgets what was not played yet. */
  clear(): void {
    this.#faults.length = 0
  }

  /** The fault that this request meets, counted as played. */
  take(request: RequestHead): Play | undefined {
    const fault = this.#faults.find(({ match, timesLeft }) => timesLeft > 0 && match(request))
    if (fault) fault.timesLeft -= 1
    return fault?.play
  }
}

/** Faults that the server plays on the connection itself: there is no answer. */
type Unanswered = 'reset' | 'hang' | 'reset in the upload'

/** What a request is answered under a fault that lets it be read; the faults without an answer are the server's to play. */
export async function playFault(
  play: Exclude<Play, Unanswered>,
  request: ReceivedRequest,
  proceed: () => Answer,
): Promise<Answer> {
  if (typeof play === 'function') return play(request, proceed)
  if (typeof play === 'object') return answer(play.status, play.headers, play.body)
  const whole = proceed()
  switch (play) {
    case 'reset in the body':
      return { ...whole, cut: 'reset' }
    case 'early end':
      return { ...whole, cut: 'end' }
    case 'stall in the body':
      return { ...whole, cut: 'stall' }
    case 'short body':
      return { ...whole, body: whole.body.subarray(0, whole.body.byteLength >> 1) }
    case 'extra bytes':
      return { ...whole, body: Buffer.concat([whole.body, Buffer.from('extra')]) }
    case 'flipped byte':
      return { ...whole, body: flipped(whole.body) }
    case 'applied, then 500':
      return answer(500)
  }
}

function flipped(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes)
  const middle = copy.byteLength >> 1
  copy[middle] = (copy[middle] ?? 0) ^ 1
  return copy
}
