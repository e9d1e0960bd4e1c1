import pMap from 'p-map'
import { errorsOf, settleAll, valuesOf } from '../concurrency.ts'
import { asPromotionError, PromotionError, throwAll } from '../errors.ts'
import type { Digest } from '../oci/digest.ts'
import type { Registries } from '../registry/repository.ts'
import { PATIENCE, patiently } from './patiently.ts'
import { putBack } from './put-back.ts'
import { type BegunMove, manifestAt, nameOfMove, type TagMove } from './tag-move.ts'

/** How the moves are spoken of. */
export interface MoveWords {
  /** When each tag was seen at its beginning, such as `when the promotion was planned`. */
  readonly seen: string
  /** What is true when everything could be put back. */
  readonly allBack: string
  /** One sentence for a failure that says nothing about what to do. */
  readonly hint: string
}

/** What moves are made with. */
export interface MoveServices {
  readonly registries: Registries
  readonly words: MoveWords
  /** The waits in milliseconds before a tag is looked at again. */
  readonly patience?: readonly number[]
}

/** The moves that stand in the end: of a failure those of which it is not proven that they could be put back. */
export interface MoveOutcome {
  readonly made: readonly TagMove[]
  readonly error?: PromotionError
}

/** Tags that are looked at, moved or put back side by side: the shorter the time in which some are and some are not, the better. */
const AT_A_TIME = 32

/**
 * Makes all moves or none, and reads each tag back. A tag that is neither at its beginning nor at its end stops it before the first move;
 * a failure puts back what was moved so far.
 */
export async function applyMoves(moves: readonly TagMove[], services: MoveServices): Promise<MoveOutcome> {
  const { registries, words, patience = PATIENCE } = services
  const begun: BegunMove[] = []
  try {
    const found = await settleAll(moves, AT_A_TIME, (move) => prepare(move, services))
    const known = valuesOf(found).filter((move) => move !== 'left')
    const problems = errorsOf(found, () => undefined)
    // What an earlier attempt moved goes back where this one cannot succeed; where a tag could not be looked at, another one may.
    const isKnown = problems.every(({ kind }) => kind === 'conflict')
    if (isKnown) begun.push(...known.filter(({ answer }) => answer === 'taken'))
    throwAll(problems)
    const waiting = known.filter(({ answer }) => answer === 'nothing yet')
    const make = (move: BegunMove) => apply(move, registries, patience)
    // What registries refuse most often comes before anything that others would see.
    await applyAll(waiting.filter(isRemoval), begun, make)
    await applyAll(
      waiting.filter((move) => !isRemoval(move)),
      begun,
      make,
    )
    return { made: begun }
  } catch (thrown) {
    const stuck = await putBack(begun, registries, patience, AT_A_TIME)
    return { made: stuck, error: failureOf(asPromotionError(thrown), begun, stuck, words) }
  }
}

/** Checks that the tag is at its beginning, and fetches what it has to be put back to, before the first tag is moved; `left`: nothing to do. */
async function prepare(move: TagMove, { registries, words }: MoveServices): Promise<BegunMove | 'left'> {
  const { repository, tag, from, to, isDone } = move
  const now = await manifestAt(move, registries)
  const digest = now?.descriptor.digest
  if (digest === to?.descriptor.digest) {
    // Another run of the same promotion was quicker: the tag is where it should be, and not ours to put back.
    if (!isDone) return 'left'
    const before = from && ((await registries.target(repository).fetchManifest(from)) ?? 'lost')
    return { ...move, before, answer: 'taken' }
  }
  if (digest === from) return { repository, tag, from, to, before: now, answer: 'nothing yet' }
  throw new PromotionError(
    'conflict',
    `${nameOfMove(move)} points at ${digest ?? 'nothing'} now, but at ${from ?? 'nothing'} ${words.seen}`,
    { hint: 'Somebody else moved it in the meantime: find out who, and run again. No tag was moved.' },
  )
}

/** Begins no further move after one has failed, and ends when those under way have ended: only then can they be put back. */
async function applyAll(
  moves: readonly BegunMove[],
  begun: BegunMove[],
  make: (move: BegunMove) => Promise<void>,
): Promise<void> {
  const failures: unknown[] = []
  await pMap(
    moves,
    async (move) => {
      if (failures.length > 0) return
      // Counted before it is sent: a failed answer does not mean that the tag stayed where it was.
      begun.push(move)
      await make(move).catch((thrown: unknown) => failures.push(thrown))
    },
    { concurrency: AT_A_TIME },
  )
  if (failures.length > 0) throw failures[0]
}

async function apply(move: BegunMove, registries: Registries, patience: readonly number[]): Promise<void> {
  const { to } = move
  const target = registries.target(move.repository)
  if (to !== undefined) await target.tag(move.tag, to)
  else if (!(await target.removeTag(move.tag))) {
    move.answer = 'refused'
    throw cannotRemove(move)
  }
  move.answer = 'taken'
  const wanted = to?.descriptor.digest
  let now: Digest | undefined
  const arrived = await patiently(patience, undefined, async () => {
    now = (await manifestAt(move, registries))?.descriptor.digest
    return now === wanted || undefined
  })
  if (arrived) return
  throw new PromotionError(
    'incomplete',
    wanted === undefined
      ? `${nameOfMove(move)} was removed, but still points at ${now}`
      : `${nameOfMove(move)} was moved to ${wanted}, but points at ${now ?? 'nothing'}`,
    { hint: 'The registry took the tag and did not keep it; ask its operator.' },
  )
}

function isRemoval({ to }: TagMove): boolean {
  return to === undefined
}

function cannotRemove(move: TagMove): PromotionError {
  const { registry } = move.repository
  return new PromotionError('registry', `${nameOfMove(move)} cannot be removed: ${registry} refuses that`, {
    hint: 'Allow tags to be deleted there, give credentials that may, or delete it with the means of the registry; then run again.',
  })
}

function failureOf(
  cause: PromotionError,
  begun: readonly BegunMove[],
  stuck: readonly BegunMove[],
  { allBack, hint }: MoveWords,
): PromotionError {
  if (begun.length === 0) return cause
  const state =
    stuck.length === 0 ? allBack : `these could not be put back: ${stuck.map(nameOfStuck).join(', ')}`
  return new PromotionError(cause.kind, `A tag could not be moved (${state}): ${cause.message}`, {
    cause,
    hint: cause.hint ?? hint,
  })
}

function nameOfStuck(move: BegunMove): string {
  const reason = move.before === 'lost' ? ` (${move.from} is not there any more)` : ''
  return `${nameOfMove(move)}${reason}`
}
