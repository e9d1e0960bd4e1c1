import { PromotionError } from '../errors.ts'
import type { Settings } from '../inputs/settings.ts'
import { isAttachedTag } from '../oci/attached-tag.ts'
import { imgpkgTag } from '../oci/imgpkg-tag.ts'
import { ORIGIN_TAG } from '../oci/origin-tag.ts'
import { isTag } from '../oci/reference.ts'
import type { ListedImage } from '../sources/source.ts'

/** What the settings say about tags. */
export type TagSettings = Pick<Settings, 'tags' | 'imgpkgTags'>

/**
 * The tags that an image is to get at each target, each once; of a bundle's images only the bundle itself gets those of the inputs. Throws a
 * PromotionError of kind `input` when a template does not make a tag.
 */
export function wantedTags(image: ListedImage, { tags, imgpkgTags }: TagSettings): readonly string[] {
  const isPart = image.bundle !== undefined && !image.bundle.isRoot
  const named = isPart ? [] : tags.flatMap((template) => fill(template, image))
  return [...new Set([...named, ...(imgpkgTags ? [imgpkgTag(image.reference.digest)] : [])])]
}

/** A template of a saved plan was not looked at when inputs were read. */
function fill(template: string, { originTags, written }: ListedImage): readonly string[] {
  const origins = template.includes(ORIGIN_TAG) ? originTags : ['']
  return origins.map((origin) => {
    const tag = template.replaceAll(ORIGIN_TAG, origin)
    if (isTag(tag) && !isAttachedTag(tag)) return tag
    throw new PromotionError('input', `"${template}" for "${written}" is "${tag}", which cannot be a tag`, {
      hint: 'A tag is at most 128 letters, digits, dots, dashes and underscores, and none by which signatures are found.',
    })
  })
}
