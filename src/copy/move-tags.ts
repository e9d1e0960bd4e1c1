import pMap from 'p-map'
import { pause } from '../concurrency.ts'
import { asPromotionError, PromotionError } from '../errors.ts'
import type { Digest } from '../oci/digest.ts'
import type { Manifest } from '../oci/manifest.ts'
import { formatReference, type RepositoryName } from '../oci/reference.ts'
import type { Plan, TagChange } from '../plan/plan.ts'
import type { Registries } from '../registry/repository.ts'
import { PATIENCE, patiently } from './patiently.ts'

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

/** A tag that may point at the new image, because the registry was asked to move it. */
interface Begun extends Move {
  /** The registry said that it took it. */
  taken: boolean
}

/** Tags that are looked at, moved or put back side by side: the shorter the time in which some are and some are not, the better. */
const AT_A_TIME = { concurrency: 32 } as const

/**
 * Moves the tags of all images in all targets, when all that they lead to is there, and reads each one back. A tag that no longer points where
 * the plan saw it stops it before the first move; a failure puts back what was moved so far, and `moved` then holds those of which it is
 * not proven. `patience` is the waits in milliseconds before a tag is looked at again.
 */
export async function moveTags(
  plan: Plan,
  registries: Registries,
  patience: readonly number[] = PATIENCE,
): Promise<TagOutcome> {
  const begun: Begun[] = []
  try {
    const moves = await pMap(wantedChanges(plan), (change) => prepare(change, registries), AT_A_TIME)
    await applyAll(
      moves.filter(({ change }) => change.action !== 'keep'),
      begun,
      (move) => apply(move, registries, patience),
    )
    return { moved: begun.map(movedTag) }
  } catch (thrown) {
    const stuck = await putBack(begun, registries, patience)
    return { moved: stuck.map(movedTag), error: failureOf(asPromotionError(thrown), begun, stuck) }
  }
}

/** Begins no further move after one has failed, and ends when those under way have ended: only then can they be put back. */
async function applyAll(
  moves: readonly Move[],
  begun: Begun[],
  move: (one: Begun) => Promise<void>,
): Promise<void> {
  const failures: unknown[] = []
  await pMap(
    moves,
    async (wanted) => {
      if (failures.length > 0) return
      const one = { ...wanted, taken: false }
      // Counted before it is sent: a failed answer does not mean that the tag stayed where it was.
      begun.push(one)
      await move(one).catch((thrown: unknown) => failures.push(thrown))
    },
    AT_A_TIME,
  )
  if (failures.length > 0) throw failures[0]
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
  if (previous?.descriptor.digest === wanted.manifest.descriptor.digest) {
    // Another run of the same promotion was quicker: the tag is where it should be, and not ours to put back.
    return { ...wanted, change: { tag: wanted.change.tag, action: 'keep' }, previous }
  }
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

async function apply(move: Begun, registries: Registries, patience: readonly number[]): Promise<void> {
  const { repository, change, manifest } = move
  await registries.target(repository).tag(change.tag, manifest)
  move.taken = true
  const wanted = manifest.descriptor.digest
  let now: Digest | undefined
  const arrived = await patiently(patience, undefined, async () => {
    now = await digestAt(move, registries)
    return now === wanted ? now : undefined
  })
  if (arrived !== undefined) return
  throw new PromotionError(
    'incomplete',
    `${nameOf(move)} was moved to ${wanted}, but points at ${now ?? 'nothing'}`,
    { hint: 'The registry took the tag and did not keep it; ask its operator.' },
  )
}

/** Puts tags back, the last one first, and looks until all are seen to be back; those that are not are returned. */
async function putBack(
  begun: readonly Begun[],
  registries: Registries,
  patience: readonly number[],
): Promise<readonly Begun[]> {
  const latest = begun.toReversed()
  const ends = await pMap(latest, (move) => undo(move, registries), AT_A_TIME)
  const stuck = latest.filter((_, index) => ends[index] === 'stuck')
  let unseen = latest.filter((_, index) => ends[index] === 'to be seen')
  for (const wait of [0, ...patience]) {
    if (unseen.length > 0) await pause(wait, undefined)
    const back = await pMap(unseen, (move) => isBack(move, registries), AT_A_TIME)
    unseen = unseen.filter((_, index) => !back[index])
  }
  return [...unseen, ...stuck]
}

/**
 * Writes a tag back. An answer that shows the old state may come from a cache and is no reason to leave it; only what is neither the old
 * nor the new state was another hand, and what that one wants is not ours to undo.
 */
async function undo(move: Begun, registries: Registries): Promise<'to be seen' | 'not ours' | 'stuck'> {
  const { repository, change, manifest, previous, taken } = move
  const target = registries.target(repository)
  try {
    const now = await digestAt(move, registries)
    const known = [undefined, previous?.descriptor.digest, manifest.descriptor.digest]
    if (!known.includes(now)) return 'not ours'
    if (previous !== undefined) await target.tag(change.tag, previous)
    else if (!(await target.removeTag(change.tag))) return taken ? 'stuck' : 'to be seen'
    return 'to be seen'
  } catch {
    // The failure that led here is the one that is thrown; a tag that is not seen to be back is named in it.
    return taken ? 'stuck' : 'to be seen'
  }
}

/** Whether a tag is seen where it was before. */
async function isBack(move: Begun, registries: Registries): Promise<boolean> {
  try {
    return (await digestAt(move, registries)) === move.previous?.descriptor.digest
  } catch {
    // Not seen is not proven.
    return false
  }
}

/** What a tag points at by the bytes behind it: a short answer without them comes from a cache more often. */
async function digestAt({ repository, change }: Move, registries: Registries): Promise<Digest | undefined> {
  return (await registries.target(repository).fetchManifest(change.tag))?.descriptor.digest
}

function failureOf(cause: PromotionError, begun: readonly Begun[], stuck: readonly Begun[]): PromotionError {
  if (begun.length === 0) return cause
  const state =
    stuck.length === 0
      ? 'no tag is left on a new image'
      : `these could not be put back: ${stuck.map(nameOf).join(', ')}`
  return new PromotionError(cause.kind, `A tag could not be moved (${state}): ${cause.message}`, {
    cause,
    hint: cause.hint ?? 'Everything else is in place; run again to move the tags.',
  })
}

function nameOf({ repository, change }: Pick<Move, 'repository' | 'change'>): string {
  return formatReference({ repository, tag: change.tag })
}
