import type { ApplyingSettings } from '../inputs/settings.ts'
import { partApplied, partsOfPlan } from '../report/parts-of-plan.ts'
import type { ReportedRun } from '../report/reported-run.ts'
import { requireParts } from '../report/require-parts.ts'
import type { SavedPlanNote } from '../report/run-result.ts'
import { AttachedParts } from './attached-parts.ts'
import type { Run } from './run.ts'

/**
 * The reports of all parts of a plan, one each. Those in files are the caller's: one that cannot be used is an error. What hangs on the plan in a
 * registry is asked for the parts of which no file says that they succeeded. Throws as requireParts does.
 */
export async function readParts(
  { services }: Run,
  { place, reports }: ApplyingSettings,
  saved: SavedPlanNote,
): Promise<readonly ReportedRun[]> {
  // Loaded when it is needed: no other command of one run reads what another one wrote.
  const { parseReport: parse } = await import('../report/parse-report.ts')
  const { handover, reporter } = services
  const given = await handover.readReports(reports, ({ name, text }) => ({ name, run: parse(text, name) }))
  const succeeded = new Set(
    given.flatMap(({ run }) => (run.succeeded ? [partApplied(run, saved.digest)] : [])),
  )
  const open = partsOfPlan(saved.shards).filter((part) => !succeeded.has(part))
  if (open.length === 0) return requireParts(given, saved)
  const warn = (message: string) => reporter.warn(message)
  const attached = new AttachedParts(await handover.listReports(place), saved, { parse, warn })
  return requireParts([...given, ...(await attached.of(open))], saved)
}
