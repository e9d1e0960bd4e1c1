import type { RepositoryName } from '../oci/reference.ts'

/** A repository as Artifactory's REST API names it. */
export interface ArtifactoryPlace {
  /** The key of the repository that holds the images. */
  readonly key: string
  /** The path of the image in it. */
  readonly image: string
}

/** A host of JFrog's cloud: the name of the instance, and behind it of the repository where that has a host of its own. */
const CLOUD = /^(?<instance>[a-z0-9-]+)\.jfrog\.io$/

/**
 * Where a repository lies at the Artifactory behind a URL: `HOST/KEY/IMAGE`, `KEY.HOST/IMAGE`, or in JFrog's cloud
 * `INSTANCE-KEY.jfrog.io/IMAGE` (JFrog, "Docker Repository URL Formats"). Undefined where its host does not say that it belongs there; a
 * port for each repository says nothing about its key.
 */
export function placeOf({ registry, path }: RepositoryName, { host }: URL): ArtifactoryPlace | undefined {
  if (registry === host) {
    const slash = path.indexOf('/')
    return slash < 0 ? undefined : { key: path.slice(0, slash), image: path.slice(slash + 1) }
  }
  const key = keyInHost(registry, host)
  return key === undefined ? undefined : { key, image: path }
}

function keyInHost(registry: string, host: string): string | undefined {
  const own = registry.endsWith(`.${host}`) ? registry.slice(0, -host.length - 1) : undefined
  if (own !== undefined && !own.includes('.')) return own
  const instance = CLOUD.exec(host)?.groups?.instance
  const name = CLOUD.exec(registry)?.groups?.instance
  return instance !== undefined && name?.startsWith(`${instance}-`)
    ? name.slice(instance.length + 1)
    : undefined
}
