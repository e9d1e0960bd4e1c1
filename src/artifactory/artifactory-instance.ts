import { PromotionError, throwAll } from '../errors.ts'
import { formatRepository, type RepositoryName, sameRepository } from '../oci/reference.ts'
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

  /** Throws a PromotionError of kind `input` for each image that it cannot copy, or cannot `move` because it would stay where it is. */
  requireOwn(images: readonly PlannedImage[], move: boolean): void {
    throwAll(
      images.flatMap(({ image, targets }) => {
        const { repository } = image.reference
        const all = [repository, ...targets.map((target) => target.repository)]
        const errors = all.flatMap((one) => this.#foreign(one))
        const stays = move && targets.some((target) => sameRepository(target.repository, repository))
        if (stays) errors.push(staysThere(repository))
        return errors.map((error) => error.locatedAt(image.location))
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

function staysThere(repository: RepositoryName): PromotionError {
  return new PromotionError(
    'input',
    `${formatRepository(repository)} is a target as well, and \`move\` would remove the image from it`,
    { hint: 'Leave out `move`, or name another target.' },
  )
}
