import type { Digest } from '../oci/digest.ts'

/** What became of one tag of a promotion that was to be undone; null stands for a tag that does not exist. */
export interface UndoneTag {
  /** `host/path:tag`. */
  readonly tag: string
  /** Where it pointed when the rollback began. */
  readonly from: Digest | null
  /** Where it points since. */
  readonly to: Digest | null
  /** `moved on`: it was elsewhere than the promotion put it. `left`: it would have been undone, had all others been. */
  readonly outcome: 'removed' | 'put back' | 'back already' | 'moved on' | 'left'
}

/** The outcomes in words. */
export const UNDONE_FACTS: Readonly<Record<UndoneTag['outcome'], string>> = {
  'put back': 'put back',
  removed: 'removed',
  'back already': 'back already',
  'moved on': 'left alone, because moved on since',
  left: 'not undone',
}
