import { randomBytes } from '../samples/random-bytes.ts'

/** A repeatable source of chance. */
export interface Chance {
  /** A number between 0 and 1, neither of them. */
  even(): number
  /** A number around 1, more or less than e to the power of `deviation` away from it in a third of all cases. */
  spread(deviation: number): number
  /** A whole number below `count`, the n-th n times less often than the first. */
  ranked(count: number): number
}

const WORD = 4
const WORDS = 2 ** 16
const RANGE = 2 ** 32

/** Numbers that are the same for the same seed. */
export function chanceFrom(seed: number): Chance {
  let words: Buffer = Buffer.alloc(0)
  let blocks = 0
  let at = 0
  const next = (): number => {
    if (at >= words.length) {
      blocks += 1
      words = randomBytes(`chance ${seed} ${blocks}`, WORDS * WORD)
      at = 0
    }
    at += WORD
    // Never 0, which has no logarithm.
    return (words.readUInt32LE(at - WORD) + 1) / (RANGE + 1)
  }
  return {
    even: next,
    // The transform of Box and Muller makes a normal deviate of two even ones.
    spread: (deviation) => {
      const radius = Math.sqrt(-2 * Math.log(next()))
      return Math.exp(deviation * radius * Math.cos(2 * Math.PI * next()))
    },
    ranked: (count) => {
      const weights = Array.from({ length: count }, (_, index) => 1 / (index + 1))
      const ends = weights.map((_, index) =>
        weights.slice(0, index + 1).reduce((sum, weight) => sum + weight, 0),
      )
      const at = next() * (ends.at(-1) ?? 0)
      return ends.findIndex((end) => at <= end)
    },
  }
}
