import { pause } from '../concurrency.ts'

/** Some registries, and caches before them, show what was written only a moment later; milliseconds before each further look. */
export const PATIENCE: readonly number[] = [250, 500, 1000]

/** Looks until something is found, at most once more than there are waits. The signal ends a wait with its reason. */
export async function patiently<T>(
  patience: readonly number[],
  signal: AbortSignal | undefined,
  look: () => Promise<T | undefined>,
): Promise<T | undefined> {
  for (const wait of patience) {
    const found = await look()
    if (found !== undefined) return found
    await pause(wait, signal)
  }
  return await look()
}
