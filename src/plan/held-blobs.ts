import pMap from 'p-map'
import { blobsOfGraph } from '../graph/blobs-of-graph.ts'
import type { Descriptor } from '../oci/descriptor.ts'
import type { Digest } from '../oci/digest.ts'
import { blobsOf } from '../oci/manifest.ts'
import { formatRepository, type RepositoryName } from '../oci/reference.ts'
import type { Registries } from '../registry/repository.ts'
import type { LookedAtImage } from './look-at-image.ts'
import { hasManifest } from './look-at-target.ts'

const QUESTIONS = 128

/** Digests of blobs, by repository: a digest is kept once, however many repositories are asked about. */
class BlobSets {
  readonly #digests = new Map<string, Set<Digest>>()

  add(repository: RepositoryName, { digest }: Descriptor): void {
    const key = formatRepository(repository)
    const digests = this.#digests.get(key) ?? new Set()
    this.#digests.set(key, digests.add(digest))
  }

  has(repository: RepositoryName, { digest }: Descriptor): boolean {
    return this.#digests.get(formatRepository(repository))?.has(digest) ?? false
  }
}

/** Which blobs target repositories have, as far as is known. */
export class HeldBlobs {
  readonly #named = new BlobSets()
  readonly #found = new BlobSets()

  /** A manifest that is there names the blob: enough to leave that manifest alone, and not to write another that needs it. */
  name(repository: RepositoryName, blob: Descriptor): void {
    this.#named.add(repository, blob)
  }

  /** The blob was asked for, and is there. */
  find(repository: RepositoryName, blob: Descriptor): void {
    this.#found.add(repository, blob)
  }

  isNamed(repository: RepositoryName, blob: Descriptor): boolean {
    return this.#named.has(repository, blob)
  }

  has(repository: RepositoryName, blob: Descriptor): boolean {
    return this.isNamed(repository, blob) || this.#found.has(repository, blob)
  }

  /** Whether a manifest may be written that needs the blob, or one that is there needs it and nobody vouches for it. */
  isWanted(repository: RepositoryName, blob: Descriptor, written: ReadonlySet<Digest>): boolean {
    if (this.#found.has(repository, blob)) return false
    return written.has(blob.digest) || !this.isNamed(repository, blob)
  }
}

/** The blobs that manifests at the targets name. */
export function blobsOfTargets(images: readonly LookedAtImage[]): HeldBlobs {
  const held = new HeldBlobs()
  for (const { graph, targets } of images) {
    for (const { repository, state } of targets) {
      const beside = [...graph.manifests.values()].filter(({ descriptor }) =>
        state.beside?.has(descriptor.digest),
      )
      const named = state.graph === undefined ? [] : blobsOfGraph(state.graph)
      for (const blob of [...named, ...beside.flatMap(blobsOf)]) held.name(repository, blob)
    }
  }
  return held
}

/** The blobs of the manifests of an image that a target lacks. */
export function blobsToCome(
  { graph }: LookedAtImage,
  { state }: LookedAtImage['targets'][number],
): ReadonlySet<Digest> {
  const missing = [...graph.manifests.values()].filter(
    ({ descriptor }) => !hasManifest(state, descriptor.digest),
  )
  return new Set(missing.flatMap((manifest) => blobsOf(manifest).map(({ digest }) => digest)))
}

/** Asks targets for every blob that would otherwise be sent, and takes down those that are there. */
export async function askForBlobs(
  images: readonly LookedAtImage[],
  held: HeldBlobs,
  registries: Registries,
): Promise<void> {
  const wanted = images.flatMap((image) =>
    image.targets.flatMap((target) => {
      const { repository } = target
      const written = blobsToCome(image, target)
      return blobsOfGraph(image.graph)
        .filter((blob) => held.isWanted(repository, blob, written))
        .map((blob) => ({ repository, blob }))
    }),
  )
  const once = new Map(wanted.map((one) => [keyOf(one.repository, one.blob), one]))
  await pMap(
    once.values(),
    async ({ repository, blob }) => {
      if (await registries.target(repository).hasBlob(blob)) held.find(repository, blob)
    },
    { concurrency: QUESTIONS },
  )
}

function keyOf(repository: RepositoryName, { digest }: Descriptor): string {
  return `${formatRepository(repository)} ${digest}`
}
