import type { Command } from '../inputs/settings.ts'

/** The commands, as they begin a sentence. */
export const COMMAND_TITLES: Readonly<Record<Command, string>> = {
  promote: 'Promote',
  plan: 'Plan',
  sign: 'Sign',
  verify: 'Verify',
  finish: 'Finish',
  check: 'Check',
  repair: 'Repair',
  rollback: 'Rollback',
}
