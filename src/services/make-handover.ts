import type { Handover } from '../handover/handover.ts'
import type { HandoverMeans } from '../handover/plan-handover.ts'

/** What hands plans and reports on; other runs load nothing of it. */
export function makeHandover(means: HandoverMeans): Handover {
  const load = async () => {
    const { PlanHandover } = await import('../handover/plan-handover.ts')
    return new PlanHandover(means)
  }
  return {
    savePlan: async (...given) => (await load()).savePlan(...given),
    readPlan: async (...given) => (await load()).readPlan(...given),
    saveReport: async (...given) => (await load()).saveReport(...given),
    listReports: async (...given) => (await load()).listReports(...given),
    readReports: async (paths, use) => (await load()).readReports(paths, use),
  }
}
