import type { DriftEntry } from '../check/drift-entry.ts'

/** Answers whether anything differs at a target, given as the source's `host/path@digest` and the target's `host/path`. */
export function driftedTargets(drift: readonly DriftEntry[]): (image: string, repository: string) => boolean {
  const keyOf = (image: string, repository: string) => `${image} ${repository}`
  const drifted = new Set(drift.map(({ image, repository }) => keyOf(image, repository)))
  return (image, repository) => drifted.has(keyOf(image, repository))
}
