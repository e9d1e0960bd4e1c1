import { randomInt } from 'node:crypto'
import type { TestContext } from 'node:test'
import fc from 'fast-check'

const SEED_VARIABLE = 'TEST_SEED'
const LARGEST_SEED = 2 ** 31 - 1

/**
 * Checks a property on this many values; a failure shows the smallest value that breaks it. The seed is new in every run and printed with the
 * test; `TEST_SEED` repeats a run.
 */
export async function checkProperty<T>(
  context: TestContext,
  runs: number,
  values: fc.Arbitrary<T>,
  holds: (value: T) => void | Promise<void>,
): Promise<void> {
  const seed = Number(process.env[SEED_VARIABLE] ?? randomInt(LARGEST_SEED))
  context.diagnostic(`${SEED_VARIABLE}=${seed}`)
  await fc.assert(
    fc.asyncProperty(values, async (value) => holds(value)),
    { seed, numRuns: runs },
  )
}
