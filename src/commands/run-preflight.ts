import type { Plan } from '../plan/plan.ts'
import { type PreflightDepth, preflight, requireReady } from '../preflight/preflight.ts'
import { writtenTargets } from '../preflight/written-targets.ts'
import type { Run } from './run.ts'

/**
 * Finds out whether the targets can be written to, before anything is brought there, and throws all that speaks against it. `depth` is how far
 * to go unless the inputs ask for a probe. Nothing is asked of targets to which the plan writes nothing.
 */
export async function runPreflight(
  { settings, services, record }: Run,
  plan: Plan,
  depth: PreflightDepth,
): Promise<void> {
  const targets = writtenTargets(plan)
  if (targets.length === 0) return
  const { reporter, registries, tagRegistries } = services
  await reporter.step('Preflight', async () => {
    const wanted = settings.preflight === 'probe' ? 'probe' : depth
    const findings = await preflight(targets, wanted, { registries, tidying: tagRegistries })
    record.preflight = findings.map(({ facts }) => facts)
    for (const { warnings } of findings) for (const warning of warnings) reporter.warn(warning)
    requireReady(findings)
  })
}
