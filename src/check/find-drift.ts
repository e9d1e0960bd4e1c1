import type { ImageGraph } from '../graph/image-graph.ts'
import { type InventoryEntry, lostAt } from '../graph/inventory.ts'
import { formatPlatform } from '../oci/descriptor.ts'
import type { Digest } from '../oci/digest.ts'
import type { RepositoryName } from '../oci/reference.ts'
import type { SeenImage } from '../plan/look-at-image.ts'
import type { TargetState } from '../plan/look-at-target.ts'
import { driftAt } from './drift-at.ts'
import type { DriftEntry } from './drift-entry.ts'

const REPAIR =
  'Run `repair` with the same inputs but without `tags` and `imgpkg-tags`: it brings what the source still has.'
const PROMOTE = 'Run `promote` with the same list, if the image should be there.'
const MOVE_BACK =
  'Find out who moved it; `promote` with `existing-tags: move` moves it back, or list the image that it leads to now.'

/** How what is attached is called. */
const ATTACHED: Readonly<Partial<Record<InventoryEntry['kind'], string>>> = {
  sig: 'the signatures (.sig)',
  att: 'the attestations (.att)',
  sbom: 'the SBOM (.sbom)',
  referrer: 'the referrer',
  atomic: 'the GPG signature',
}

/**
 * In what an image at its targets differs from what its source has and the list says; `refusals` says for each target why the policy is
 * not satisfied there, as what follows the name of the image. What belongs to a part that is missing is not listed for itself, nor are tags of an image that is.
 */
export function findDrift(seen: SeenImage, refusals: readonly (string | undefined)[]): readonly DriftEntry[] {
  return seen.targets.flatMap(({ repository, state }, index) => {
    if (state.graph === undefined)
      return [imageMissing(seen, repository), ...movedTags(seen, repository, state)]
    const refusal = refusals[index]
    return [
      ...missingParts(seen, repository, state.graph),
      ...(refusal === undefined ? [] : [unproven(seen, repository, refusal)]),
      ...missingTags(seen, repository, state),
      ...movedTags(seen, repository, state),
    ]
  })
}

function imageMissing({ image }: SeenImage, repository: RepositoryName): DriftEntry {
  const target = { repository, digest: image.reference.digest }
  return driftAt(image, 'image-missing', { target, message: 'is not there', hint: PROMOTE })
}

function unproven({ image }: SeenImage, repository: RepositoryName, refusal: string): DriftEntry {
  return driftAt(image, 'policy', {
    target: { repository, digest: image.reference.digest },
    message: refusal,
    hint: 'Where the source is signed as the policy demands, `repair` brings that; otherwise find out who has signed it.',
  })
}

function missingParts(
  { image, graph }: SeenImage,
  repository: RepositoryName,
  there: ImageGraph,
): readonly DriftEntry[] {
  const target = { repository, digest: image.reference.digest }
  const children = missingChildren(there)
  const lost = graph === undefined ? [] : lostAt(there, graph)
  const missing = new Set([...children.keys(), ...lost.map(({ digest }) => digest)])
  const attached = lost.filter(({ kind, subject }) => ATTACHED[kind] !== undefined && !missing.has(subject))
  return [
    ...[...children].map(([digest, platform]) =>
      driftAt(image, 'child-missing', {
        target,
        message: `lacks ${digest}${platform}, which its index lists`,
        hint: REPAIR,
      }),
    ),
    ...attached.map((entry) =>
      driftAt(image, 'attached-missing', {
        target,
        message: `lacks ${named(entry, image.reference.digest)}, which the source has`,
        hint: REPAIR,
      }),
    ),
  ]
}

function named({ kind, digest, subject }: InventoryEntry, root: Digest): string {
  return `${ATTACHED[kind]} ${digest}${subject === root ? '' : ` of ${subject}`}`
}

/** Those that an index lists and the target does not have, each with its platform; known without the source. */
function missingChildren({ manifests }: ImageGraph): ReadonlyMap<string, string> {
  const listed = [...manifests.values()].flatMap((manifest) =>
    manifest.kind === 'index' ? manifest.children : [],
  )
  const missing = listed.filter(({ digest }) => !manifests.has(digest))
  return new Map(
    missing.map(({ digest, platform }) => [digest, platform ? ` (${formatPlatform(platform)})` : '']),
  )
}

function missingTags(
  { image, tags }: SeenImage,
  repository: RepositoryName,
  state: TargetState,
): readonly DriftEntry[] {
  return tags
    .filter((tag) => !state.tags.has(tag))
    .map((tag) =>
      driftAt(image, 'tag-missing', {
        target: { repository, tag },
        message: `is not there; it should lead to ${image.reference.digest}`,
        hint: 'Run `promote` with the same list and `tags`.',
      }),
    )
}

function movedTags(
  { image, tags }: SeenImage,
  repository: RepositoryName,
  state: TargetState,
): readonly DriftEntry[] {
  const { digest } = image.reference
  return tags.flatMap((tag) => {
    const leadsTo = state.tags.get(tag)
    if (leadsTo === undefined || leadsTo === digest) return []
    const message = `leads to ${leadsTo}, not to ${digest}`
    return [driftAt(image, 'tag-moved', { target: { repository, tag }, message, hint: MOVE_BACK })]
  })
}
