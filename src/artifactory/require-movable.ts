import { runAll } from '../concurrency.ts'
import { asPromotionError, PromotionError, throwAll } from '../errors.ts'
import { formatRepository, type RepositoryName } from '../oci/reference.ts'
import type { PlannedImage } from '../plan/plan.ts'
import type { ArtifactoryInstance } from './artifactory-instance.ts'
import type { ArtifactoryPlace } from './artifactory-place.ts'

/** Classes of repositories whose files are their own; what is removed through another one may lie in any repository behind it. */
const WITH_OWN_FILES: readonly string[] = ['local', 'federated']

/**
 * Throws a PromotionError of kind `input` for each image that a move would take from a target again, whichever of its names that has, and
 * for each repository that shows or hands on the files of others; of kind `registry` where Artifactory does not say what a repository is.
 */
export async function requireMovable(
  images: readonly PlannedImage[],
  instance: ArtifactoryInstance,
): Promise<void> {
  const targets = images.flatMap((one) => one.targets.map(({ repository }) => repository))
  const taken = new Set(targets.flatMap((target) => foldersTo(instance.placeOf(target))))
  throwAll(
    images.flatMap(({ image: { reference, location } }) => {
      const { key, image } = instance.placeOf(reference.repository)
      return taken.has(`${key}/${image}`) ? [staysThere(reference.repository).locatedAt(location)] : []
    }),
  )
  const sources = images.map(({ image }) => image.reference.repository)
  // The account of a source is asked with where one key is both.
  const accounts = new Map([...targets, ...sources].map((one) => [instance.placeOf(one).key, one]))
  await runAll(
    [...accounts],
    ([key, account]) => requireOwnFiles(key, account, instance),
    () => undefined,
  )
}

/** The folder of an image and those around it: a tag's folder is removed with all images whose folders are in it. */
function foldersTo({ key, image }: ArtifactoryPlace): readonly string[] {
  const parts = image.split('/')
  return parts.map((_, index) => [key, ...parts.slice(0, index + 1)].join('/'))
}

async function requireOwnFiles(
  key: string,
  account: RepositoryName,
  instance: ArtifactoryInstance,
): Promise<void> {
  const found = await instance.client.classOf(key, account).catch((thrown: unknown) => {
    throw unknownClass(key, asPromotionError(thrown))
  })
  if (WITH_OWN_FILES.includes(found)) return
  throw new PromotionError(
    'input',
    `${key} is a ${found} repository, and \`move\` is for local and federated ones: what it deletes could be another repository's`,
    { hint: 'Name the repositories in which the images lie, or leave out `move`.' },
  )
}

function unknownClass(key: string, cause: PromotionError): PromotionError {
  if (cause.kind !== 'registry') return cause
  return new PromotionError(
    'registry',
    `\`move\` has to know whether ${key} is a local repository: ${cause.message}`,
    {
      cause,
      hint: 'Use an account that may see what kind of repository this is, or leave out `move`; nothing was written.',
    },
  )
}

function staysThere(repository: RepositoryName): PromotionError {
  return new PromotionError(
    'input',
    `${formatRepository(repository)} is a target as well, or the folder of one, and \`move\` would remove the image from it`,
    { hint: 'Leave out `move`, or name another target.' },
  )
}
