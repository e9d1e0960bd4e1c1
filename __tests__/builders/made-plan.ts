import { throwAll } from '../../src/errors.ts'
import { makePlan } from '../../src/plan/make-plan.ts'
import type { Plan } from '../../src/plan/plan.ts'

/** The plan that `makePlan` makes; throws what speaks against applying it. */
export async function madePlan(...given: Parameters<typeof makePlan>): Promise<Plan> {
  const { plan, problems } = await makePlan(...given)
  throwAll(problems)
  return plan
}
