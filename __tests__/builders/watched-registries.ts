import type { RepositoryName } from '../../src/oci/reference.ts'
import type { BlobQuestions } from '../../src/plan/blob-questions.ts'
import type { PlanSettings } from '../../src/plan/make-plan.ts'
import type { Plan } from '../../src/plan/plan.ts'
import { MemoryRegistries } from '../fakes/memory-registries.ts'
import { WatchedRepository } from '../fakes/watched-repository.ts'
import type { BuiltSample } from './build-sample.ts'
import { listedImage } from './listed-image.ts'
import { madePlan } from './made-plan.ts'
import { putSample } from './memory-sample.ts'

/** Where `WatchedRegistries` holds its samples. */
export const SOURCE = 'dev.example/app'

/** Registries of watched repositories with samples in one of them, listed on one line each. */
export class WatchedRegistries extends MemoryRegistries {
  readonly #samples: readonly BuiltSample[]

  constructor(...samples: readonly BuiltSample[]) {
    super()
    this.#samples = samples
    for (const sample of samples) putSample(sample, this.at(SOURCE))
  }

  override at(place: string): WatchedRepository {
    const repository = super.at(place, (name, siblings) => new WatchedRepository(name, siblings))
    if (repository instanceof WatchedRepository) return repository
    throw new Error(`${place} is not watched`)
  }

  override source(name: RepositoryName): WatchedRepository {
    return this.target(name)
  }

  override target({ registry, path }: RepositoryName): WatchedRepository {
    return this.at(`${registry}/${path}`)
  }

  /** A plan to promote all samples to these templates, made as `promote` makes it unless said otherwise. */
  plan(
    to: readonly string[],
    settings: Partial<PlanSettings> = {},
    questions: BlobQuestions = 'ask while uploading',
  ): Promise<Plan> {
    const listed = this.#samples.map(({ image }, index) => listedImage(SOURCE, image.digest, index + 1))
    return madePlan(
      listed,
      { tags: [], existingTags: 'refuse', imgpkgTags: false, ...settings, to },
      this,
      questions,
    )
  }
}
