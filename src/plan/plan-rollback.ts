import { runAll } from '../concurrency.ts'
import type { TagMove } from '../copy/tag-move.ts'
import { PromotionError } from '../errors.ts'
import type { Digest } from '../oci/digest.ts'
import { formatReference, formatRepository } from '../oci/reference.ts'
import type { Registries } from '../registry/repository.ts'
import type { PromotedTag } from './promoted-tag.ts'

/** A promoted tag as it was found. */
export interface FoundTag extends PromotedTag {
  readonly now: Digest | undefined
  /** What undoes the promotion; undefined where the tag is back already, or was moved on to something else since. */
  readonly undo: TagMove | undefined
}

/**
 * Looks at all tags of a promotion, and decides what becomes of each: only those that still point where the promotion put them are undone.
 * Throws together, for all tags whose repository does not have any more what they pointed at before, PromotionErrors of kind `incomplete`.
 */
export function planRollback(
  tags: readonly PromotedTag[],
  registries: Registries,
): Promise<readonly FoundTag[]> {
  return runAll(
    tags,
    async (tag) => {
      const now = (await registries.target(tag.repository).fetchManifest(tag.tag))?.descriptor.digest
      return { ...tag, now, undo: now === tag.promoted ? await undoOf(tag, registries) : undefined }
    },
    () => undefined,
  )
}

async function undoOf(promoted: PromotedTag, registries: Registries): Promise<TagMove> {
  const { repository, tag, promoted: from, previous } = promoted
  if (previous === undefined) return { repository, tag, from, to: undefined }
  const to = await registries.target(repository).fetchManifest(previous)
  if (to !== undefined) return { repository, tag, from, to }
  throw new PromotionError(
    'incomplete',
    `${formatReference({ repository, tag })} cannot go back: ${formatRepository(repository)} does not have ${previous} any more`,
    {
      hint: 'No tag was moved. Bring that image back by its digest, and run again; or move the tags by hand.',
    },
  )
}
