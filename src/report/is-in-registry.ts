import { LAYOUT_PREFIX } from '../oci/layout-name.ts'
import type { TargetResult } from './run-result.ts'

/** Whether a target is one that others pull from, and no layout on disk. */
export function isInRegistry({ repository }: Pick<TargetResult, 'repository'>): boolean {
  return !repository.startsWith(LAYOUT_PREFIX)
}
