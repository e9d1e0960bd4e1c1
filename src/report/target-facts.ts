import { numberOfEach } from './number-of-each.ts'
import type { RunResult, TargetResult } from './run-result.ts'
import { count, formatBytes } from './safe-text.ts'

/**
 * What happened to an image at one target, or for a plan what would, as a few words each; the texts are not escaped. `plan` is what was
 * applied, if anything: tags wait when that is a part of it.
 */
export function targetFacts(target: TargetResult, plan: RunResult['plan'] = null): readonly string[] {
  const { outcome, mended, missing, sent, mounted, merged, leftBehind, attested, tags } = target
  const { manifests, blobs, bytes } = missing
  return [
    mended === undefined ? outcome : mendedFact(mended),
    ...(outcome === 'planned'
      ? [`${count(manifests, 'manifest')} and ${count(blobs, 'blob')} missing (${formatBytes(bytes)})`]
      : []),
    ...(sent.bytes > 0 ? [`${formatBytes(sent.bytes)} sent`] : []),
    ...(mounted > 0 ? [`${count(mounted, 'blob')} mounted`] : []),
    ...(merged.length > 0 ? [`${count(merged.length, 'tag')} merged`] : []),
    ...(leftBehind.length > 0 ? [`${count(leftBehind.length, 'GPG signature')} left behind`] : []),
    ...(attested === null ? [] : [ATTESTED_FACTS[attested]]),
    ...tags.map((tag) => tagFact(tag, outcome, plan?.shard !== undefined)),
  ]
}

function tagFact(
  { tag, action, done }: TargetResult['tags'][number],
  outcome: TargetResult['outcome'],
  isPart: boolean,
): string {
  if (outcome === 'drifted') return CHECKED_FACTS[action](tag)
  const waits = isPart && (action === 'create' || action === 'move')
  return waits ? `tag ${tag} waits for finish` : TAG_FACTS[action](tag, done)
}

function mendedFact(mended: NonNullable<TargetResult['mended']>): string {
  return mended.length === 0 ? 'mended' : `mended (${numberOfEach(mended.map(({ kind }) => kind))})`
}

const ATTESTED_FACTS = {
  made: 'attested',
  present: 'attested before',
  none: 'not attested, since nobody had to sign it',
  failed: 'not attested',
} as const

const TAG_FACTS = {
  create: (tag: string, done: boolean) => (done ? `tagged ${tag}` : `would be tagged ${tag}`),
  move: (tag: string, done: boolean) => (done ? `${tag} moved here` : `${tag} would move here`),
  keep: (tag: string) => `${tag} points here`,
  refuse: (tag: string) => `${tag} must not move`,
} as const

const CHECKED_FACTS = {
  create: (tag: string) => `${tag} is missing`,
  move: (tag: string) => `${tag} leads elsewhere`,
  keep: (tag: string) => `${tag} points here`,
  refuse: (tag: string) => `${tag} must not move`,
} as const
