import type { ServerCopy } from '../copy/server-copy.ts'
import type { Plan } from '../plan/plan.ts'
import type { Registries } from '../registry/repository.ts'
import { ArtifactoryCopy } from './artifactory-copy.ts'
import type { ArtifactoryInstance } from './artifactory-instance.ts'
import { removeSources } from './remove-sources.ts'
import { requireMovable } from './require-movable.ts'

/** Copying inside one Artifactory, as the commands use it. */
export class Artifactory {
  /** Whether images are gone from the source in the end. */
  readonly moves: boolean
  readonly #instance: ArtifactoryInstance
  readonly #registries: Registries

  constructor(instance: ArtifactoryInstance, registries: Registries, moves: boolean) {
    this.#instance = instance
    this.#registries = registries
    this.moves = moves
  }

  /**
   * The plan as it is done here: every blob is on the server already, whatever hosts its repositories have. Throws a PromotionError of kind
   * `input` for each image that this Artifactory cannot copy, or not move.
   */
  async planFor(plan: Plan): Promise<Plan> {
    this.#instance.requireOwn(plan.images)
    if (this.moves) await requireMovable(plan.images, this.#instance)
    const blobs = plan.blobs.map((transfer) => ({
      ...transfer,
      targets: transfer.targets.map(({ repository }) => ({ repository, mountFrom: transfer.source })),
    }))
    return { ...plan, blobs }
  }

  copyOf(plan: Plan): ServerCopy {
    return new ArtifactoryCopy(plan, this.#instance, this.#registries)
  }

  /** Removes the images from the source; returns what had to stay there, each as a sentence. */
  removeSources(plan: Plan): Promise<readonly string[]> {
    return removeSources(plan, this.#instance, this.#registries)
  }
}
