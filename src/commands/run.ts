import type { Settings } from '../inputs/settings.ts'
import type { RunRecord } from '../report/run-record.ts'
import type { Services } from '../services/services.ts'

/** What a command is given: what it was told, what it works with, and the record that it fills in step by step. */
export interface Run {
  readonly settings: Settings
  readonly services: Services
  readonly record: RunRecord
}

/** One command: runs its steps in their order, and throws what ends it early. */
export type RunCommand = (run: Run) => Promise<void>
