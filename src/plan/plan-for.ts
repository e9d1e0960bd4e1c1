import type { RepositoryName } from '../oci/reference.ts'
import type { Plan } from './plan.ts'

/** The plan as far as it is about some of the target repositories. */
export function planFor(plan: Plan, isMeant: (repository: RepositoryName) => boolean): Plan {
  const images = plan.images.map((image) => ({
    ...image,
    targets: image.targets.filter(({ repository }) => isMeant(repository)),
  }))
  return { ...plan, images }
}
