import type { Command } from './settings.ts'

/** The commands that an input may be for. */
export const EVERY: readonly Command[] = [
  'promote',
  'plan',
  'finish',
  'sign',
  'verify',
  'check',
  'repair',
  'rollback',
]

/** Those that are about images that something lists. */
export const LISTING: readonly Command[] = ['promote', 'plan', 'sign', 'verify', 'check', 'repair']

/** Those that copy, or say what they would copy. */
export const PROMOTING: readonly Command[] = ['promote', 'plan']

/** Those that have to agree on how images are promoted, at once or in parts. */
export const AGREEING: readonly Command[] = ['promote', 'plan', 'finish']

/** Those that carry out a saved plan. */
export const APPLYING: readonly Command[] = ['promote', 'finish']

/** Those that know where images are promoted to; `sign` only where it signs for that place. */
export const WITH_TARGETS: readonly Command[] = ['promote', 'plan', 'sign', 'check', 'repair']

/** Those that know which tags the promoted images have. */
export const WITH_TAGS: readonly Command[] = ['promote', 'plan', 'check']

/** Those that can sign, say what they would sign, or go on with what was signed. */
export const SIGNING: readonly Command[] = ['promote', 'plan', 'finish', 'sign']

/** Those that check who has signed. */
export const VERIFYING: readonly Command[] = ['promote', 'plan', 'finish', 'verify', 'check', 'repair']

/** All that know what a signature is. */
export const TRUSTING: readonly Command[] = EVERY.filter((command) => command !== 'rollback')
