import { PromotionError } from '../errors.ts'
import type { FoundImage } from '../graph/discover-images.ts'
import { attachedTag } from '../oci/attached-tag.ts'
import type { Manifest } from '../oci/manifest.ts'
import { formatReference } from '../oci/reference.ts'
import { mergeableLayers } from '../oci/signature-manifest.ts'
import type { LookedAtImage } from './look-at-image.ts'

/**
 * What two images of one list want in the same place and cannot both have: a tag for different images, or a `.sbom`, `.sig` or `.att`
 * tag for different artifacts that cannot be merged. Each is a PromotionError of kind `input` on the line of the second image.
 */
export function findClashes(images: readonly LookedAtImage[]): readonly PromotionError[] {
  return [...clashingTags(images), ...clashingArtifacts(images)]
}

function clashingTags(images: readonly LookedAtImage[]): readonly PromotionError[] {
  const owners = new Map<string, LookedAtImage>()
  return images.flatMap((looked) =>
    looked.targets.flatMap(({ repository }) => {
      const references = looked.tags.map((tag) => formatReference({ repository, tag }))
      const taken = references.find((reference) => {
        const owner = owners.get(reference)
        return (
          owner !== undefined && owner.graph.root.descriptor.digest !== looked.graph.root.descriptor.digest
        )
      })
      for (const reference of references) owners.set(reference, owners.get(reference) ?? looked)
      const owner = taken === undefined ? undefined : owners.get(taken)
      return taken === undefined || owner === undefined ? [] : [twoImages(taken, owner, looked)]
    }),
  )
}

function clashingArtifacts(images: readonly LookedAtImage[]): readonly PromotionError[] {
  const owners = new Map<string, { readonly looked: LookedAtImage; readonly manifest: Manifest }>()
  return images.flatMap((looked) =>
    looked.targets.flatMap(({ repository }) =>
      looked.graph.attached.flatMap(({ kind, subject, manifest }) => {
        if (kind === 'referrer') return []
        const reference = formatReference({ repository, tag: attachedTag(subject, kind) })
        const owner = owners.get(reference) ?? { looked, manifest }
        owners.set(reference, owner)
        const same = owner.manifest.descriptor.digest === manifest.descriptor.digest
        return same || mergeableLayers(kind, owner.manifest, manifest) !== undefined
          ? []
          : [twoArtifacts(reference, owner.looked, looked)]
      }),
    ),
  )
}

function twoArtifacts(reference: string, one: FoundImage, other: FoundImage): PromotionError {
  const names = `${formatReference(one.image.reference)} and ${formatReference(other.image.reference)}`
  return new PromotionError(
    'input',
    `Two artifacts that cannot be merged would get the tag ${reference}: those of ${names}`,
    {
      hint: 'Promote one of the two, or give each its own repository with a placeholder in `to`, such as {repository}.',
    },
  ).locatedAt(other.image.location)
}

function twoImages(reference: string, one: FoundImage, other: FoundImage): PromotionError {
  const names = `${formatReference(one.image.reference)} and ${formatReference(other.image.reference)}`
  return new PromotionError('input', `Two images would get the tag ${reference}: ${names}`, {
    hint: 'Give each its own repository with a placeholder in `to`, such as {repository}, or promote them one by one.',
  }).locatedAt(other.image.location)
}
