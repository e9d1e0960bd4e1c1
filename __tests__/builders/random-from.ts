import { createHash, randomInt } from 'node:crypto'
import type { TestContext } from 'node:test'

const SEED_VARIABLE = 'TEST_SEED'
const LARGEST_SEED = 2 ** 32

/** A repeatable source of chance for property tests. */
export interface Random {
  /** A whole number from 0 to `limit` without it. */
  below(limit: number): number
  pick<T>(choices: readonly T[]): T
  /** So many of these characters. */
  text(length: number, characters?: string): string
}

/** A source whose seed is new in every run and printed with the test; `TEST_SEED` repeats a run. */
export function randomFrom(context: TestContext): Random {
  const seed = Number(process.env[SEED_VARIABLE] ?? randomInt(LARGEST_SEED))
  context.diagnostic(`${SEED_VARIABLE}=${seed}`)
  const next = numbersFrom(seed)
  const below = (limit: number) => Math.floor(next() * limit)
  const pick = <T>(choices: readonly T[]): T => choices[below(choices.length)] as T
  return {
    below,
    pick,
    text: (length, characters = 'abcdefghijklmnopqrstuvwxyz0123456789') =>
      Array.from({ length }, () => pick([...characters])).join(''),
  }
}

/** Numbers from 0 to 1 without it: the digests of the seed and a counter. */
function numbersFrom(seed: number): () => number {
  let count = 0
  return () => {
    count += 1
    return createHash('sha256').update(`${seed} ${count}`).digest().readUInt32BE() / LARGEST_SEED
  }
}
