import type { ShardLoads } from './shard-loads.ts'
import { ShardScale } from './shard-scale.ts'

/** Each halves what is left between the loads that are too small and those that are large enough. */
const STEPS = 24

/**
 * Cuts a sequence of images into `count` pieces of nearly equal load. A piece may be lighter or heavier than the others by the part `leeway`
 * where less that is shared is cut apart so.
 */
export function cutSequence(
  order: readonly number[],
  loads: ShardLoads,
  count: number,
  leeway: number,
): readonly (readonly number[])[] {
  const cutter = new Cutter(order, loads, leeway)
  let low = 0
  let high = new ShardScale(loads).weigh(order).load
  let pieces: readonly Piece[] = order.length === 0 ? [] : [{ start: 0, end: order.length }]
  for (let step = 0; step < STEPS && count > 1; step++) {
    const load = (low + high) / 2
    const cut = cutter.cut(load, count)
    if (cut === undefined) low = load
    else [high, pieces] = [load, cut]
  }
  return cutter.split(pieces, count).map(({ start, end }) => order.slice(start, end))
}

/** Of the sequence, from `start` to in front of `end`. */
interface Piece {
  readonly start: number
  readonly end: number
}

class Cutter {
  readonly #order: readonly number[]
  readonly #leeway: number
  readonly #scale: ShardScale
  readonly #cutApart: readonly number[]

  constructor(order: readonly number[], loads: ShardLoads, leeway: number) {
    this.#order = order
    this.#leeway = leeway
    this.#scale = new ShardScale(loads)
    this.#cutApart = sharedAcross(order, loads)
  }

  /** Pieces of about this load; undefined where they would be more than `most`. */
  cut(load: number, most: number): readonly Piece[] | undefined {
    const pieces: Piece[] = []
    const end = this.#order.length
    for (let start = 0; start < end; ) {
      if (pieces.length === most) return undefined
      const piece = this.#take({ start, end }, load)
      pieces.push(piece)
      start = piece.end
    }
    return pieces
  }

  /** Divides the heaviest until there are so many: images that cannot be divided leave too few pieces of equal load. */
  split(pieces: readonly Piece[], count: number): readonly Piece[] {
    const divided = [...pieces]
    while (divided.length < count) {
      const weights = divided.map((piece) => (piece.end - piece.start > 1 ? this.#weigh(piece) : 0))
      const heaviest = weights.indexOf(Math.max(...weights))
      const piece = divided[heaviest]
      if (piece === undefined || piece.end - piece.start < 2) break
      const { end } = this.#take({ ...piece, end: piece.end - 1 }, (weights[heaviest] ?? 0) / 2)
      divided.splice(heaviest, 1, { start: piece.start, end }, { start: end, end: piece.end })
    }
    return divided
  }

  /** The beginning of a piece that is nearest to this load or, within the leeway, cuts least apart; one image at least. */
  #take({ start, end }: Piece, load: number): Piece {
    let best = { end: start + 1, apart: Number.POSITIVE_INFINITY, off: Number.POSITIVE_INFINITY }
    this.#scale.clear()
    for (let at = start; at < end && this.#scale.load < load * (1 + this.#leeway); at++) {
      this.#scale.add(this.#order[at] ?? 0)
      const off = Math.abs(this.#scale.load - load)
      const apart = off <= load * this.#leeway ? (this.#cutApart[at + 1] ?? 0) : Number.POSITIVE_INFINITY
      if (apart < best.apart || (apart === best.apart && off < best.off)) best = { end: at + 1, apart, off }
    }
    return { start, end: best.end }
  }

  #weigh({ start, end }: Piece): number {
    return this.#scale.weigh(this.#order.slice(start, end)).load
  }
}

/** For each place in the sequence the load of what images on both sides of it need. */
function sharedAcross(order: readonly number[], { images, shared }: ShardLoads): readonly number[] {
  const first = new Map<number, number>()
  const last = new Map<number, number>()
  for (const [at, image] of order.entries()) {
    for (const place of images[image]?.parts ?? []) {
      if (!first.has(place)) first.set(place, at)
      last.set(place, at)
    }
  }
  const changes = new Float64Array(order.length + 2)
  const change = (at: number, load: number) => {
    changes[at + 1] = (changes[at + 1] ?? 0) + load
  }
  for (const [place, { load }] of shared.entries()) {
    change(first.get(place) ?? 0, load)
    change(last.get(place) ?? 0, -load)
  }
  let across = 0
  return Array.from(changes, (difference) => {
    across += difference
    return across
  })
}
