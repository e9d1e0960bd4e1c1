import { asPromotionError, PromotionError } from '../errors.ts'
import type { Manifest } from '../oci/manifest.ts'
import { formatReference, type RepositoryName } from '../oci/reference.ts'
import type { Plan, TagChange } from '../plan/plan.ts'
import type { Registries } from '../registry/repository.ts'

/** One tag that was made or moved. */
export interface MovedTag {
  readonly repository: RepositoryName
  readonly tag: string
  readonly action: 'create' | 'move'
}

/** A tag on its way, and what it has to be put back to: nothing, when it did not exist. */
interface Move {
  readonly repository: RepositoryName
  readonly change: TagChange
  readonly manifest: Manifest
  readonly previous: Manifest | undefined
}

/**
 * Moves the tags of all images in all targets, the last step of a promotion. A tag that no longer points where the plan saw it, or a
 * failure, puts back what was moved so far, and throws a PromotionError that says so.
 */
export async function moveTags(plan: Plan, registries: Registries): Promise<readonly MovedTag[]> {
  const moves: Move[] = []
  for (const move of wantedMoves(plan)) moves.push(await prepare(move, registries))
  const done: Move[] = []
  for (const move of moves) {
    try {
      // Counted before it is sent: a failed answer does not mean that the tag stayed where it was.
      done.push(move)
      await apply(move, registries)
    } catch (thrown) {
      throw await putBack(done, registries, asPromotionError(thrown))
    }
  }
  return done.map(({ repository, change }) => ({
    repository,
    tag: change.tag,
    action: change.action === 'move' ? 'move' : 'create',
  }))
}

function wantedMoves(plan: Plan): readonly Omit<Move, 'previous'>[] {
  const moves = plan.images.flatMap(({ graph, targets }) =>
    targets.flatMap(({ repository, tags }) =>
      tags
        .filter(({ action }) => action !== 'keep')
        .map((change) => ({ repository, change, manifest: graph.root })),
    ),
  )
  return [...new Map(moves.map((move) => [nameOf(move), move])).values()]
}

/** Checks that the tag is as the plan saw it, and fetches what it points at, before the first tag is moved. */
async function prepare(move: Omit<Move, 'previous'>, registries: Registries): Promise<Move> {
  const expected = move.change.action === 'move' ? move.change.previous : undefined
  const previous = await registries.target(move.repository).fetchManifest(move.change.tag)
  if (previous?.descriptor.digest === expected) return { ...move, previous }
  throw new PromotionError(
    'conflict',
    `${nameOf(move)} points at ${previous?.descriptor.digest ?? 'nothing'} now, but at ${expected ?? 'nothing'} when the promotion was planned`,
    { hint: 'Somebody else moved it in the meantime: find out who, and run again. No tag was moved.' },
  )
}

async function apply({ repository, change, manifest }: Move, registries: Registries): Promise<void> {
  const target = registries.target(repository)
  await target.tag(change.tag, manifest)
  const now = await target.resolve(change.tag)
  if (now?.digest === manifest.descriptor.digest) return
  throw new PromotionError(
    'incomplete',
    `${formatReference({ repository, tag: change.tag })} was moved to ${manifest.descriptor.digest}, but points at ${now?.digest ?? 'nothing'}`,
    { hint: 'The registry took the tag and did not keep it; ask its operator.' },
  )
}

async function putBack(
  done: readonly Move[],
  registries: Registries,
  cause: PromotionError,
): Promise<PromotionError> {
  const stuck: string[] = []
  for (const move of done.toReversed()) {
    if (!(await undo(move, registries))) stuck.push(nameOf(move))
  }
  const back = done.length - stuck.length
  const what =
    stuck.length === 0 ? `${back} put back` : `${back} put back, these could not be: ${stuck.join(', ')}`
  return new PromotionError(cause.kind, `A tag could not be moved (${what}): ${cause.message}`, {
    cause,
    hint: cause.hint ?? 'Everything else is in place; run again to move the tags.',
    ...(cause.location && { location: cause.location }),
  })
}

/** Whether the tag is as it was before. */
async function undo(
  { repository, change, manifest, previous }: Move,
  registries: Registries,
): Promise<boolean> {
  const target = registries.target(repository)
  try {
    const now = await target.resolve(change.tag)
    if (now?.digest === previous?.descriptor.digest) return true
    // Another hand moved it in the meantime: what that one wants is not ours to undo.
    if (now !== undefined && now.digest !== manifest.descriptor.digest) return false
    if (previous === undefined) return await target.removeTag(change.tag)
    await target.tag(change.tag, previous)
    return true
  } catch {
    // The failure that led here is the one that is thrown; this tag is named in it as not put back.
    return false
  }
}

function nameOf({ repository, change }: Pick<Move, 'repository' | 'change'>): string {
  return formatReference({ repository, tag: change.tag })
}
