import { setTimeout as delay } from 'node:timers/promises'
import pMap from 'p-map'
import { asPromotionError, type FileLocation, type PromotionError, throwAll } from './errors.ts'

/** Images of a run that are worked on side by side: enough to keep every connection busy; how many requests that is, the registries decide. */
export const IMAGES_AT_A_TIME = 256

interface Located {
  readonly location?: FileLocation
}

/** What became of one item: its result, or its error. */
export type Settled<T> = { readonly value: T } | { readonly error: PromotionError }

/** Runs all items, at most `limit` at a time; the failure of one does not stop the others. */
export function settleAll<Item, Result>(
  items: readonly Item[],
  limit: number,
  run: (item: Item, index: number) => Promise<Result>,
): Promise<Settled<Result>[]> {
  const settle = async (item: Item, index: number): Promise<Settled<Result>> => {
    try {
      return { value: await run(item, index) }
    } catch (thrown) {
      return { error: asPromotionError(thrown) }
    }
  }
  return pMap(items, settle, { concurrency: limit })
}

/**
 * The results of all items; the errors of those that failed are thrown together, each with its place: that of the item's image, or what
 * `locationOf` says.
 */
export function runAll<Item extends { readonly image: Located }, Result>(
  items: readonly Item[],
  run: (item: Item, index: number) => Promise<Result>,
): Promise<Result[]>
export function runAll<Item, Result>(
  items: readonly Item[],
  run: (item: Item, index: number) => Promise<Result>,
  locationOf: (item: Item) => FileLocation | undefined,
): Promise<Result[]>
export async function runAll<Item extends { readonly image: Located }, Result>(
  items: readonly Item[],
  run: (item: Item, index: number) => Promise<Result>,
  locationOf: (item: Item) => FileLocation | undefined = ({ image }) => image.location,
): Promise<Result[]> {
  const settled = await settleAll(items, IMAGES_AT_A_TIME, run)
  const places = items.map((item) => locationOf(item))
  throwAll(errorsOf(settled, (index) => places[index]))
  return valuesOf(settled)
}

/** The results among settled ones, in their order. */
export function valuesOf<T>(settled: readonly Settled<T>[]): T[] {
  return settled.flatMap((one) => ('value' in one ? [one.value] : []))
}

/** The errors among settled results, each with the place of its item. */
export function errorsOf<T>(
  settled: readonly Settled<T>[],
  locationOf: (index: number) => FileLocation | undefined,
): readonly PromotionError[] {
  return settled.flatMap((one, index) => ('error' in one ? [one.error.locatedAt(locationOf(index))] : []))
}

/** Waits; when the signal aborts, throws its reason at once. */
export async function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await delay(milliseconds, undefined, signal && { signal })
  } catch (cause) {
    // The timer's own error says only that it was stopped; the reason says why.
    throw signal?.reason ?? cause
  }
}
