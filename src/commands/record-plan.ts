import type { Plan } from '../plan/plan.ts'
import { totalsOf } from '../plan/plan-totals.ts'
import type { Run } from './run.ts'

/** Records a plan that is to be carried out, or shown as if it were. */
export function recordPlan(record: Run['record'], plan: Plan): void {
  record.plan = plan
  record.planned = totalsOf(plan)
  record.found = plan.images
}
