import { PromotionError } from '../errors.ts'
import { makeArtifact } from '../oci/artifact.ts'
import type { Digest } from '../oci/digest.ts'
import type { Manifest } from '../oci/manifest.ts'
import { MEDIA_TYPES } from '../oci/media-types.ts'
import { placeOf } from '../oci/plan-place.ts'
import { planTag } from '../oci/plan-tag.ts'
import type { PinnedReference } from '../oci/reference.ts'
import type { SourceRepository, TargetRepository } from '../registry/repository.ts'
import { pushArtifact } from './push-artifact.ts'

/** The name that the plan gets from tools that write it to a disk. */
const FILE = 'plan.json'

/** Saves a plan in a repository, under a tag that keeps it there; the same plan is the same artifact. */
export async function savePlanArtifact(text: string, repository: TargetRepository): Promise<PinnedReference> {
  const artifact = makeArtifact({ type: MEDIA_TYPES.savedPlan, content: Buffer.from(text), file: FILE })
  const { digest } = artifact.manifest.descriptor
  const tag = planTag(digest)
  const saved = { repository: repository.name, digest }
  // Where tags are immutable, even the same may not be written again.
  if ((await repository.resolve(tag))?.digest === digest) return saved
  await pushArtifact(artifact, repository, (manifest) => repository.tag(tag, manifest))
  // Before anybody spends time on approving it.
  await fetchPlanManifest(digest, repository)
  return saved
}

/** The manifest of a saved plan; throws a PromotionError of kind `input` for a confirmed 404. */
export async function fetchPlanManifest(digest: Digest, repository: SourceRepository): Promise<Manifest> {
  const manifest = await repository.fetchManifest(digest)
  if (manifest !== undefined) return manifest
  throw new PromotionError(
    'input',
    `The plan ${placeOf({ repository: repository.name, digest })} does not exist (404)`,
    { hint: 'Check the place, and that the credentials may read the repository; or save the plan again.' },
  )
}
