import type { Plan } from '../plan/plan.ts'
import { requireProven, verifyTargets } from '../verify/verify-targets.ts'
import type { Run } from './run.ts'

/** Looks at what the targets have now, records it, and throws for all that is not whole or not proven there. */
export async function verifyCopies({ services, record }: Run, plan: Plan): Promise<void> {
  record.findings = await verifyTargets(plan, record, await services.policy(), services)
  requireProven(plan, record.findings)
}
