import type { LockEntry } from './format-images-lock.ts'

/** A text that two entries of a lock share when they name the same image with the same annotations, in whatever order. */
export function entryKey({ image, annotations }: LockEntry): string {
  const sorted = Object.entries(annotations).sort(([one], [other]) => (one < other ? -1 : 1))
  return JSON.stringify([image, sorted])
}
