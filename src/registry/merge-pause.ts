/** Milliseconds: a registry that takes its time must not stop a run for minutes. */
const LONGEST_PAUSE = 5000

/**
 * Milliseconds for which a shared tag is left alone after it was written: twice as long as our own turn took, so that the turn of
 * whoever read before it is over as well, with a share of chance.
 */
export function mergePause(turn: number, shortest: number): number {
  return Math.min(LONGEST_PAUSE / 2, Math.max(shortest, 2 * turn)) * (1 + Math.random())
}
