import { moveTags } from '../copy/move-tags.ts'
import type { RepositoryName } from '../oci/reference.ts'
import type { Plan } from '../plan/plan.ts'
import { planFor } from '../plan/plan-for.ts'
import type { Run } from './run.ts'

/** Moves the tags at some of the target repositories, all or none, and records which have moved; throws what kept them from it. */
export async function moveTagsTo(
  isMeant: (repository: RepositoryName) => boolean,
  { services, record }: Run,
  plan: Plan,
): Promise<void> {
  const { moved, error } = await moveTags(planFor(plan, isMeant), services.tagRegistries)
  record.moved = [...(record.moved ?? []), ...moved]
  if (error !== undefined) throw error
}
