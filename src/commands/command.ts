import type { Settings } from '../inputs/settings.ts'
import type { RunRecord } from '../report/run-record.ts'
import type { Services } from '../services.ts'

/** One command: runs its steps in their order, and records what each returned; throws what ends it early. */
export type RunCommand = (settings: Settings, services: Services, record: RunRecord) => Promise<void>
