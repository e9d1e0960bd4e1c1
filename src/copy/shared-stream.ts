type Chunk = IteratorResult<Uint8Array>

interface Waiting {
  readonly resolve: (chunk: Chunk) => void
  readonly reject: (reason: unknown) => void
}

/** One reader's part in a shared stream. */
export interface StreamReader {
  /** The bytes from their beginning; can be opened once. */
  read(): AsyncGenerator<Uint8Array>
  /** Reads no further, so that the others no longer wait; may be called at any time and again. */
  leave(): void
}

/**
 * One stream read once by several readers, in step: the next chunk is taken when every reader that is still there wants it, so that
 * memory stays at one chunk and the slowest reader sets the pace.
 */
export class SharedStream {
  readonly #chunks: AsyncIterator<Uint8Array>
  readonly #readers = new Set<StreamReader>()
  readonly #waiting = new Map<StreamReader, Waiting>()

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#chunks = source[Symbol.asyncIterator]()
  }

  /** All readers join before the first one reads. */
  join(): StreamReader {
    const reader: StreamReader = { read: () => this.#read(reader), leave: () => this.#leave(reader) }
    this.#readers.add(reader)
    return reader
  }

  async *#read(reader: StreamReader): AsyncGenerator<Uint8Array> {
    try {
      for (;;) {
        const chunk = await new Promise<Chunk>((resolve, reject) => {
          this.#waiting.set(reader, { resolve, reject })
          this.#advance()
        })
        if (chunk.done) return
        yield chunk.value
      }
    } finally {
      this.#leave(reader)
    }
  }

  #leave(reader: StreamReader): void {
    if (!this.#readers.delete(reader)) return
    this.#waiting.get(reader)?.resolve({ done: true, value: undefined })
    this.#waiting.delete(reader)
    // Nobody is left to be told how closing the source went.
    if (this.#readers.size === 0) this.#chunks.return?.().catch(() => undefined)
    else this.#advance()
  }

  #advance(): void {
    if (this.#waiting.size === 0 || this.#waiting.size < this.#readers.size) return
    const round = [...this.#waiting.values()]
    this.#waiting.clear()
    this.#chunks.next().then(
      (chunk) => {
        for (const { resolve } of round) resolve(chunk)
      },
      (reason: unknown) => {
        for (const { reject } of round) reject(reason)
      },
    )
  }
}
