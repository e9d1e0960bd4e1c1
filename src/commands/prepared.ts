import type { TagLists } from '../graph/tag-lists.ts'
import type { Digest } from '../oci/digest.ts'
import type { Plan } from '../plan/plan.ts'
import type { LocationsChange } from '../plan/plan-locations.ts'
import type { SavedPlanNote } from '../report/run-result.ts'
import type { LoadedList } from '../sources/load-images.ts'
import type { Run } from './run.ts'

/** What a run is going to do, from a list or from a saved plan. */
export interface Prepared {
  /** The run, with the settings that the saved plan was made with where there is one. */
  readonly run: Run
  readonly plan: Plan
  /** Names all that is to be brought about, of which the plan may be a part. */
  readonly digest: Digest
  /** What imgpkg has to be told at the targets about bundles. */
  readonly locations: readonly LocationsChange[]
  /** Undefined with a saved plan, which knows the rewritten list as text. */
  readonly list: LoadedList | undefined
  readonly locks: LockTexts | undefined
  /** Looks at everything once more. */
  planAgain(lists: Pick<TagLists, 'of'>): Promise<Plan>
}

/** What a saved plan has a run do. */
export interface PreparedPlan extends Prepared {
  readonly saved: SavedPlanNote
}

/** The list as it is at each target. */
export interface LockTexts {
  /** The folder at which relative paths of keys start that stand in them; left out where there are none. */
  readonly keysFrom?: string
  /** `target` counts from 0. */
  textAt(target: number): string
}
