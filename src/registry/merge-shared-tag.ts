import type { Digest } from '../oci/digest.ts'
import type { Manifest } from '../oci/manifest.ts'
import { mergePause } from './merge-pause.ts'
import { RegistryError } from './registry-error.ts'
import type { Merge } from './repository.ts'

/** A tag to which others may write at any time. */
export interface SharedTag {
  readonly url: URL
  read(): Promise<Manifest | undefined>
  /** What the tag points at, asked for again without the bytes. */
  look(): Promise<Digest | undefined>
  /** One attempt and no more: an old state that is sent again later undoes what others wrote in between. */
  write(manifest: Manifest): Promise<void>
  /** Runs an attempt again as long as it fails for a passing reason. */
  retry<T>(attempt: () => Promise<T>): Promise<T>
  wait(milliseconds: number): Promise<void>
}

interface Turn {
  readonly standing: Manifest | undefined
  readonly wrote: boolean
  /** Milliseconds from asking what stands there to the answer to what was done about it. */
  readonly took: number
}

const MOST_WRITES = 10
/** Turns in all; each one that does not write is owed to somebody else's writing. */
const MOST_TURNS = 40
const MOST_READS = 10
/** How often a turn looks again before it writes, on a connection or a machine that is slow to answer. */
const MOST_LOOKS = 4
/** A turn may be as long as this part of the shortest pause. */
const TURN_PART = 1 / 3

/**
 * Changes a shared tag without a lock: reads, merges, writes, waits, and reads again until what `merge` wants stands there and nobody has
 * written for the length of a pause. Nothing is lost as long as each writer's turn, from its last look at the tag to its write, is shorter
 * than the others' pauses: whoever is undone sees it. So a turn is kept short by looking again right before the write, and a pause
 * follows the length of the turns. `shortestPause` is in milliseconds. Returns what was read last.
 */
export async function mergeSharedTag(
  tag: SharedTag,
  merge: Merge,
  shortestPause: number,
): Promise<Manifest | undefined> {
  let writes = 0
  let seen: Digest | undefined
  for (let turns = 1; writes < MOST_WRITES; turns++) {
    const { standing, wrote, took } = await tag.retry(() => takeTurn(tag, merge, shortestPause * TURN_PART))
    const digest = standing?.descriptor.digest
    if (!wrote && (writes === 0 || digest === seen || turns >= MOST_TURNS)) return standing
    if (wrote) writes += 1
    seen = digest
    await tag.wait(mergePause(took, shortestPause))
  }
  throw new RegistryError({
    method: 'PUT',
    url: tag.url,
    problem: `what was written was gone again ${MOST_WRITES} times: others write the same tag, or the registry drops it`,
    lostTurn: true,
  })
}

/** Reads and merges, and writes what was merged if the tag still is what was read. */
async function takeTurn(tag: SharedTag, merge: Merge, fresh: number): Promise<Turn> {
  for (let reads = 1; ; reads++) {
    const asked = performance.now()
    const standing = await tag.read()
    const read = performance.now() - asked
    const wanted = await merge(standing)
    if (wanted === undefined) return { standing, wrote: false, took: read }
    const since = await lastLook(tag, standing, { asked, fresh, read })
    // Where a look never agrees with what is read, the registry itself is at odds: the check after the write decides.
    if (since === undefined && reads < MOST_READS) continue
    await tag.write(wanted)
    return { standing: wanted, wrote: true, took: performance.now() - (since ?? asked) }
  }
}

interface LastRead {
  /** When it was asked for. */
  readonly asked: number
  /** Milliseconds until the answer. */
  readonly read: number
  /** Milliseconds for which an answer is good at least. */
  readonly fresh: number
}

/** When the tag was last seen to be what was read, a moment ago; undefined when it is not any more. */
async function lastLook(
  tag: SharedTag,
  standing: Manifest | undefined,
  last: LastRead,
): Promise<number | undefined> {
  let { asked, read: quickest } = last
  let enough = last.fresh
  for (let looks = 0; looks < MOST_LOOKS && performance.now() - asked > enough; looks++) {
    asked = performance.now()
    if ((await tag.look()) !== standing?.descriptor.digest) return undefined
    quickest = Math.min(quickest, performance.now() - asked)
    // Where an answer takes longer than that, none is ever fresh enough.
    enough = Math.max(last.fresh, 2 * quickest)
  }
  return asked
}
