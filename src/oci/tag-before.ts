import type { Digest } from './digest.ts'

/** What a plan does with a tag; a tag that it keeps leads to the promoted image already. */
type Change = { readonly action: 'create' | 'keep' } | { readonly action: 'move'; readonly previous: Digest }

/** What a tag pointed at when a plan was made that promotes this digest; undefined where it did not exist. */
export function tagBefore(change: Change, promoted: Digest): Digest | undefined {
  if (change.action === 'move') return change.previous
  return change.action === 'keep' ? promoted : undefined
}
