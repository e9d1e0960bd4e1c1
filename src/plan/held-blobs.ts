import pMap from 'p-map'
import { blobsOfGraph } from '../graph/blobs-of-graph.ts'
import type { Descriptor } from '../oci/descriptor.ts'
import type { Digest } from '../oci/digest.ts'
import { formatRepository, type RepositoryName } from '../oci/reference.ts'
import type { Registries } from '../registry/repository.ts'
import type { LookedAtImage } from './assemble-plan.ts'

const QUESTIONS = 128

/** Which blobs target repositories are known to have. */
export class HeldBlobs {
  readonly #held = new Map<string, Set<Digest>>()

  add(repository: RepositoryName, { digest }: Descriptor): void {
    const key = formatRepository(repository)
    const held = this.#held.get(key) ?? new Set()
    this.#held.set(key, held.add(digest))
  }

  has(repository: RepositoryName, { digest }: Descriptor): boolean {
    return this.#held.get(formatRepository(repository))?.has(digest) ?? false
  }
}

/** The blobs of the manifests that targets have: a manifest is written last, when all it refers to is proven to be there. */
export function blobsOfTargets(images: readonly LookedAtImage[]): HeldBlobs {
  const held = new HeldBlobs()
  for (const { repository, state } of images.flatMap(({ targets }) => targets)) {
    for (const blob of state.graph === undefined ? [] : blobsOfGraph(state.graph)) held.add(repository, blob)
  }
  return held
}

/** Asks targets for every blob that they are not known to have, and adds those that are there. */
export async function askForBlobs(
  images: readonly LookedAtImage[],
  held: HeldBlobs,
  registries: Registries,
): Promise<void> {
  const open = images.flatMap(({ graph, targets }) =>
    targets.flatMap(({ repository }) =>
      blobsOfGraph(graph).flatMap((blob) => (held.has(repository, blob) ? [] : [{ repository, blob }])),
    ),
  )
  const once = new Map(open.map((one) => [`${formatRepository(one.repository)} ${one.blob.digest}`, one]))
  await pMap(
    once.values(),
    async ({ repository, blob }) => {
      if (await registries.target(repository).hasBlob(blob)) held.add(repository, blob)
    },
    { concurrency: QUESTIONS },
  )
}
