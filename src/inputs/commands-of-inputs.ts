import type { Command } from './settings.ts'

/** The commands that an input may be for. */
export const EVERY: readonly Command[] = ['promote', 'plan', 'sign', 'verify']

/** Those that copy, or say what they would copy. */
export const PROMOTING: readonly Command[] = ['promote', 'plan']

/** Those that can sign, or say what they would sign. */
export const SIGNING: readonly Command[] = ['promote', 'plan', 'sign']

/** Those that check who has signed. */
export const VERIFYING: readonly Command[] = ['promote', 'plan', 'verify']
