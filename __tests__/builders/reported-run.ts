import { parseReport } from '../../src/report/parse-report.ts'
import type { ReportedRun } from '../../src/report/reported-run.ts'
import type { RunResult } from '../../src/report/run-result.ts'
import { runResult } from './run-result.ts'

/** What is read back of the report of a promotion of one image to one target, but for the change. */
export function reportedRun(change: Partial<RunResult> = {}): ReportedRun {
  return parseReport(JSON.stringify(runResult(change)), 'report.json')
}
