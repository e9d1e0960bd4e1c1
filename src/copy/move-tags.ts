import { asPromotionError, PromotionError } from '../errors.ts'
import type { Digest } from '../oci/digest.ts'
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

/** The tags that point at the promoted images because of this run, and why not all of them do. */
export interface TagOutcome {
  readonly moved: readonly MovedTag[]
  readonly error?: PromotionError
}

/**
 * Moves the tags of all images in all targets, the last step of a promotion. A tag that no longer points where the plan saw it stops
 * it before the first move; a failure puts back what was moved so far, and `moved` then holds those that could not be.
 */
export async function moveTags(plan: Plan, registries: Registries): Promise<TagOutcome> {
  const begun: Move[] = []
  try {
    const moves: Move[] = []
    for (const change of wantedChanges(plan)) moves.push(await prepare(change, registries))
    for (const move of moves.filter(({ change }) => change.action !== 'keep')) {
      // Counted before it is sent: a failed answer does not mean that the tag stayed where it was.
      begun.push(move)
      await apply(move, registries)
    }
    return { moved: begun.map(movedTag) }
  } catch (thrown) {
    return await putBack(begun, registries, asPromotionError(thrown))
  }
}

function wantedChanges(plan: Plan): readonly Omit<Move, 'previous'>[] {
  const changes = plan.images.flatMap(({ graph, targets }) =>
    targets.flatMap(({ repository, tags }) =>
      tags.map((change) => ({ repository, change, manifest: graph.root })),
    ),
  )
  return [...new Map(changes.map((change) => [nameOf(change), change])).values()]
}

function movedTag({ repository, change }: Move): MovedTag {
  return { repository, tag: change.tag, action: change.action === 'move' ? 'move' : 'create' }
}

/** Checks that the tag is as the plan saw it, and fetches what it points at, before the first tag is moved. */
async function prepare(wanted: Omit<Move, 'previous'>, registries: Registries): Promise<Move> {
  const expected = seenByPlan(wanted)
  const previous = await registries.target(wanted.repository).fetchManifest(wanted.change.tag)
  if (previous?.descriptor.digest === expected) return { ...wanted, previous }
  throw new PromotionError(
    'conflict',
    `${nameOf(wanted)} points at ${previous?.descriptor.digest ?? 'nothing'} now, but at ${expected ?? 'nothing'} when the promotion was planned`,
    { hint: 'Somebody else moved it in the meantime: find out who, and run again. No tag was moved.' },
  )
}

function seenByPlan({ change, manifest }: Omit<Move, 'previous'>): Digest | undefined {
  if (change.action === 'move') return change.previous
  return change.action === 'keep' ? manifest.descriptor.digest : undefined
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
  begun: readonly Move[],
  registries: Registries,
  cause: PromotionError,
): Promise<TagOutcome> {
  if (begun.length === 0) return { moved: [], error: cause }
  const stuck: Move[] = []
  for (const move of begun.toReversed()) {
    if (!(await undo(move, registries))) stuck.push(move)
  }
  const state =
    stuck.length === 0
      ? 'no tag is left on a new image'
      : `these could not be put back: ${stuck.map(nameOf).join(', ')}`
  const error = new PromotionError(cause.kind, `A tag could not be moved (${state}): ${cause.message}`, {
    cause,
    hint: cause.hint ?? 'Everything else is in place; run again to move the tags.',
  })
  return { moved: stuck.map(movedTag), error }
}

/** Whether the tag no longer points at the new image. */
async function undo(
  { repository, change, manifest, previous }: Move,
  registries: Registries,
): Promise<boolean> {
  const target = registries.target(repository)
  try {
    const now = await target.resolve(change.tag)
    // Another hand moved it in the meantime: what that one wants is not ours to undo.
    if (now?.digest !== manifest.descriptor.digest) return true
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
