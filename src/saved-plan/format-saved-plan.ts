import { type Digest, digestOf } from '../oci/digest.ts'
import { PLAN_FORMAT, type SavedPlan } from './saved-plan.ts'

/** A saved plan as text, and the digest by which it is approved. */
export interface FormattedPlan {
  readonly text: string
  readonly digest: Digest
}

const TAIL = '}\n'

/** Writes a plan as one line of JSON under the digest of its bytes, so that an edited one is known. */
export function formatSavedPlan(plan: SavedPlan): FormattedPlan {
  const json = JSON.stringify(plan)
  const digest = digestOf(json)
  return { text: `${headOf(digest)}${json}${TAIL}`, digest }
}

/** The JSON of the plan in such a text; undefined where it was not written by this program, or was formatted by another one since. */
export function contentIn(text: string, digest: Digest): string | undefined {
  const head = headOf(digest)
  return text.startsWith(head) && text.endsWith(TAIL) ? text.slice(head.length, -TAIL.length) : undefined
}

function headOf(digest: Digest): string {
  return `{"schema":"${PLAN_FORMAT}","digest":"${digest}","plan":`
}
