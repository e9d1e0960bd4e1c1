import { fileProblem } from '../files/file-problem.ts'
import { isAttachedTag } from '../oci/attached-tag.ts'
import { imgpkgTag } from '../oci/imgpkg-tag.ts'
import { formatReference, parseRepositoryName, type RepositoryName } from '../oci/reference.ts'
import type { PromotedTag } from '../plan/promoted-tag.ts'
import { isInRegistry } from './is-in-registry.ts'
import type { ReportedRun } from './reported-run.ts'

/**
 * The tags that a promotion made or moved, each once, as its report says. Throws a PromotionError of kind `input` with the file as its place
 * where the report is of a run that moves no tags, or does not say enough.
 */
export function promotedTags({ command, plan, images }: ReportedRun, file: string): readonly PromotedTag[] {
  if (command !== 'promote' && command !== 'finish')
    throw notOfPromotion(file, `is the report of \`${command}\`, which moves no tags`)
  if (plan?.shard !== undefined)
    throw notOfPromotion(file, `is the report of part ${plan.shard} of a plan, which moves no tags`)
  const tags = images.flatMap(({ digest, targets }) =>
    targets.filter(isInRegistry).flatMap(({ repository, tags: changes }) => {
      const name = nameIn(repository, file)
      return changes
        .filter(({ action, done }) => (action === 'create' || action === 'move') && done)
        .map(({ tag, action, previous }) => {
          if (isAttachedTag(tag) && tag !== imgpkgTag(digest)) throw notMoved(file, `${repository}:${tag}`)
          if (action === 'move' && previous === undefined) throw noBeginning(file, `${repository}:${tag}`)
          return { repository: name, tag, promoted: digest, previous }
        })
    }),
  )
  return each(tags, file)
}

function nameIn(repository: string, file: string): RepositoryName {
  try {
    return parseRepositoryName(repository)
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw fileProblem(file, `names a target that cannot be one: ${why}`, 'Give the report unchanged.', cause)
  }
}

/** Each tag once: images that are listed twice are in the report twice. */
function each(tags: readonly PromotedTag[], file: string): readonly PromotedTag[] {
  const byName = new Map<string, PromotedTag>()
  for (const tag of tags) {
    const name = formatReference(tag)
    const known = byName.get(name) ?? tag
    if (known.promoted !== tag.promoted || known.previous !== tag.previous)
      throw fileProblem(file, `says of ${name} two things that cannot both be`, 'Give the report unchanged.')
    byName.set(name, tag)
  }
  return [...byName.values()]
}

function notOfPromotion(file: string, why: string) {
  return fileProblem(file, why, 'Give the report of the run of `promote` or `finish` that moved the tags.')
}

/** Undoing it would take signatures away. */
function notMoved(file: string, name: string) {
  const hint =
    'Give the report unchanged: what hangs on a digest is under such tags, and no promotion moves them.'
  return fileProblem(file, `says that ${name} was promoted, which is no tag of an image`, hint)
}

function noBeginning(file: string, name: string) {
  const hint = 'It is of an earlier version of this program: move the tags back by hand.'
  return fileProblem(file, `does not say where ${name} pointed before the promotion`, hint)
}
