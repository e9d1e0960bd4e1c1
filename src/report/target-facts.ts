import type { TargetResult } from './run-result.ts'
import { count, formatBytes } from './safe-text.ts'

/** What happened to an image at one target, or for a plan what would, as a few words each; the texts are not escaped. */
export function targetFacts({
  outcome,
  missing,
  sent,
  mounted,
  merged,
  leftBehind,
  attested,
  tags,
}: TargetResult): readonly string[] {
  const { manifests, blobs, bytes } = missing
  return [
    outcome,
    ...(outcome === 'planned'
      ? [`${count(manifests, 'manifest')} and ${count(blobs, 'blob')} missing (${formatBytes(bytes)})`]
      : []),
    ...(sent.bytes > 0 ? [`${formatBytes(sent.bytes)} sent`] : []),
    ...(mounted > 0 ? [`${count(mounted, 'blob')} mounted`] : []),
    ...(merged.length > 0 ? [`${count(merged.length, 'tag')} merged`] : []),
    ...(leftBehind.length > 0 ? [`${count(leftBehind.length, 'GPG signature')} left behind`] : []),
    ...(attested === null ? [] : [ATTESTED_FACTS[attested]]),
    ...tags.map(({ tag, action, done }) =>
      outcome === 'drifted' ? CHECKED_FACTS[action](tag) : TAG_FACTS[action](tag, done),
    ),
  ]
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
