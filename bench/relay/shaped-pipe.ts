import type { Socket } from 'node:net'
import type { TokenBucket } from './token-bucket.ts'

/** A sender is stopped at so many waiting bytes: more than 1 Gbit/s has under way in 25 ms. */
const WAITING_LIMIT = 4 * 1024 * 1024

interface Piece {
  readonly bytes: Buffer
  /** Not before this time, in milliseconds of `performance.now`. */
  at: number
  /** Whether the bandwidth for it is taken already. */
  paid: boolean
}

/** One direction of a connection: passes bytes on in their order, none before its time and none faster than the bucket allows. */
export class ShapedPipe {
  readonly #from: Socket
  readonly #to: Socket
  readonly #bucket: TokenBucket
  readonly #pieces: Piece[] = []
  #waiting = 0
  #ending = false
  #timer: NodeJS.Timeout | undefined

  constructor(from: Socket, to: Socket, bucket: TokenBucket) {
    this.#from = from
    this.#to = to
    this.#bucket = bucket
    to.on('drain', () => this.#letFlow())
    to.once('close', () => clearTimeout(this.#timer))
  }

  /** Passes bytes on, at `notBefore` at the earliest; bytes behind them wait too, but not longer than these. */
  pass(bytes: Buffer, notBefore: number): void {
    this.#pieces.push({ bytes, at: notBefore, paid: false })
    this.#waiting += bytes.byteLength
    this.#flush()
    if (this.#waiting > WAITING_LIMIT || this.#to.writableNeedDrain) this.#from.pause()
  }

  /** Ends the other side once everything before has been passed on. */
  end(): void {
    this.#ending = true
    this.#flush()
  }

  #flush(): void {
    clearTimeout(this.#timer)
    for (let piece = this.#pieces[0]; piece !== undefined; piece = this.#pieces[0]) {
      const wait = this.#timeLeft(piece)
      if (wait > 0) {
        this.#timer = setTimeout(() => this.#flush(), wait)
        this.#letFlow()
        return
      }
      this.#pieces.shift()
      this.#waiting -= piece.bytes.byteLength
      this.#to.write(piece.bytes)
    }
    this.#letFlow()
    if (this.#ending) this.#to.end()
  }

  /** Bandwidth is taken when a piece is due and not when it arrives: what waits for its time must not hold up other connections. */
  #timeLeft(piece: Piece): number {
    const now = performance.now()
    if (piece.at <= now && !piece.paid) {
      piece.at = this.#bucket.take(piece.bytes.byteLength, now)
      piece.paid = true
    }
    return piece.at - now
  }

  #letFlow(): void {
    if (this.#waiting <= WAITING_LIMIT && !this.#to.writableNeedDrain) this.#from.resume()
  }
}
