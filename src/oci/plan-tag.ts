import { type Digest, hexOf } from './digest.ts'

const PREFIX = 'signed-promote-plan-'
const SHOWN = 16

/** The tag that keeps a saved plan in a repository from being collected; nothing is read by it. */
export function planTag(plan: Digest): string {
  return `${PREFIX}${hexOf(plan).slice(0, SHOWN)}`
}
