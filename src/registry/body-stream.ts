/** What holds a connection's bytes back, or ends it. */
export interface Flow {
  pause(): void
  resume(): void
  abort(reason: Error): void
}

interface Reader {
  readonly resolve: (chunk: IteratorResult<Uint8Array>) => void
  readonly reject: (reason: unknown) => void
}

/** Bytes that may lie here before the connection is held back. */
const MOST_LYING = 256 * 1024

/** The body of an answer while it arrives: read once, by one reader, at the reader's pace. A reader that leaves early ends the connection. */
export class BodyStream implements AsyncIterableIterator<Uint8Array> {
  readonly #flow: Flow
  readonly #chunks: Uint8Array[] = []
  #lying = 0
  #isHeld = false
  #reader: Reader | undefined
  #end: { readonly failure?: Error } | undefined

  constructor(flow: Flow) {
    this.#flow = flow
  }

  /** Whether the reader waits for bytes that have not arrived. */
  get isWaiting(): boolean {
    return this.#reader !== undefined
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  push(chunk: Uint8Array): void {
    if (this.#reader !== undefined) {
      this.#take(this.#reader, chunk)
      return
    }
    this.#chunks.push(chunk)
    this.#lying += chunk.byteLength
    if (this.#isHeld || this.#lying < MOST_LYING) return
    this.#isHeld = true
    this.#flow.pause()
  }

  /** The body is over; with a failure, what arrived before it can still be read. */
  finish(failure?: Error): void {
    if (this.#end !== undefined) return
    this.#end = failure === undefined ? {} : { failure }
    const reader = this.#reader
    this.#reader = undefined
    if (failure !== undefined) reader?.reject(failure)
    else reader?.resolve({ done: true, value: undefined })
  }

  next(): Promise<IteratorResult<Uint8Array>> {
    const chunk = this.#chunks.shift()
    if (chunk !== undefined) {
      this.#lying -= chunk.byteLength
      if (this.#isHeld && this.#lying < MOST_LYING / 2) this.#letGo()
      return Promise.resolve({ done: false, value: chunk })
    }
    if (this.#end?.failure !== undefined) return Promise.reject(this.#end.failure)
    if (this.#end !== undefined) return Promise.resolve({ done: true, value: undefined })
    return new Promise((resolve, reject) => {
      this.#reader = { resolve, reject }
    })
  }

  return(): Promise<IteratorResult<Uint8Array>> {
    this.#chunks.length = 0
    if (this.#end === undefined) {
      this.#end = {}
      this.#flow.abort(new Error('the rest of the body is not wanted'))
    }
    return Promise.resolve({ done: true, value: undefined })
  }

  /** Leaves the rest unread. */
  async dump(): Promise<void> {
    await this.return()
  }

  #take(reader: Reader, chunk: Uint8Array): void {
    this.#reader = undefined
    reader.resolve({ done: false, value: chunk })
  }

  #letGo(): void {
    this.#isHeld = false
    this.#flow.resume()
  }
}
