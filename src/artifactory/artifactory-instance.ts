import { PromotionError, throwAll } from '../errors.ts'
import { formatRepository, type RepositoryName } from '../oci/reference.ts'
import type { PlannedImage } from '../plan/plan.ts'
import type { ArtifactoryClient } from './artifactory-client.ts'
import { type ArtifactoryPlace, placeOf } from './artifactory-place.ts'

/** One Artifactory, and which repositories are its own. */
export class ArtifactoryInstance {
  readonly client: ArtifactoryClient
  readonly #url: URL

  constructor(url: URL, client: ArtifactoryClient) {
    this.#url = url
    this.client = client
  }

  /** Throws a PromotionError of kind `input` for a repository that is somewhere else. */
  placeOf(repository: RepositoryName): ArtifactoryPlace {
    const place = placeOf(repository, this.#url)
    if (place !== undefined) return place
    const { host } = this.#url
    throw new PromotionError(
      'input',
      `${formatRepository(repository)} does not belong to the Artifactory at ${this.#url.origin}, which is to copy`,
      {
        hint: `Write it as ${host}/KEY/IMAGE or KEY.${host}/IMAGE, in JFrog's cloud INSTANCE-KEY.jfrog.io/IMAGE, or set \`copy-by\` to registry; a port for each repository is not supported.`,
      },
    )
  }

  /** Throws a PromotionError of kind `input` for each image that it cannot copy. */
  requireOwn(images: readonly PlannedImage[]): void {
    throwAll(
      images.flatMap(({ image, targets }) => {
        const all = [image.reference.repository, ...targets.map(({ repository }) => repository)]
        return all.flatMap((one) => this.#foreign(one)).map((error) => error.locatedAt(image.location))
      }),
    )
  }

  #foreign(repository: RepositoryName): PromotionError[] {
    try {
      this.placeOf(repository)
      return []
    } catch (thrown) {
      if (thrown instanceof PromotionError) return [thrown]
      throw thrown
    }
  }
}
