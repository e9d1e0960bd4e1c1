import { PromotionError } from '../errors.ts'
import { originTagsOf } from '../oci/origin-tags-of.ts'
import { isTag } from '../oci/reference.ts'
import type { YamlNode } from '../yaml/yaml.ts'
import { YamlReader } from '../yaml/yaml-reader.ts'
import { readPinned } from './read-pinned.ts'
import type { PinnedListing } from './source.ts'

const LOCK_KEYS = { required: ['apiVersion', 'kind', 'bundle'], optional: [] }
const BUNDLE_KEYS = { required: ['image'], optional: ['tag'] }

/**
 * Reads a Carvel BundleLock (imgpkg, lock files: `imgpkg.carvel.dev/v1alpha1`), strictly: known keys only, the bundle by its digest; its tag
 * is the one by which it was known. All problems of the file are thrown together, as PromotionErrors of kind `input` with their location.
 */
export function readBundleLock(tree: YamlNode): PinnedListing {
  const reader = new YamlReader()
  const bundle = reader.mapping(tree, 'a BundleLock', LOCK_KEYS)?.get('bundle')
  const entries = bundle && reader.mapping(bundle.value, '"bundle"', BUNDLE_KEYS)
  const listed = entries && readBundle(entries, reader)
  reader.problems.throwIfAny()
  if (listed === undefined) throw new PromotionError('internal', 'a BundleLock was read without its bundle')
  return listed
}

function readBundle(
  entries: NonNullable<ReturnType<YamlReader['mapping']>>,
  reader: YamlReader,
): PinnedListing | undefined {
  const image = entries.get('image')
  const written = reader.textAt(entries, 'image')
  const tag = reader.textAt(entries, 'tag')
  if (tag !== undefined && !isTag(tag)) {
    const hint = 'A tag is at most 128 letters, digits, dots, dashes and underscores.'
    reader.problems.add(entries.get('tag')?.value.location, `"${tag}" cannot be a tag`, hint)
  }
  if (image === undefined || written === undefined) return undefined
  const { location } = image.value
  const reference = readPinned(written, location, reader.problems)
  if (reference === undefined) return undefined
  const tags = [...(tag === undefined ? [] : [tag]), ...originTagsOf(reference, written)]
  const originTags = [...new Set(tags)]
  return { reference, written, annotations: {}, originTags, isBundle: true, location }
}
