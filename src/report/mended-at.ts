import type { ImageGraph } from '../graph/image-graph.ts'
import { type InventoryEntry, lostAt } from '../graph/inventory.ts'
import type { PlannedTarget } from '../plan/plan.ts'
import type { RunRecord } from './run-record.ts'

/** What a repair has brought to a target to which it wrote; undefined unless the image is whole and proven there now. */
export function mendedAt(
  { command, findings }: RunRecord,
  { there }: PlannedTarget,
  at: { readonly image: number; readonly target: number; readonly graph: ImageGraph },
): readonly InventoryEntry[] | undefined {
  if (command !== 'repair' || there === undefined) return undefined
  const finding = findings[at.image]?.[at.target]
  const isProven = finding?.verdict.satisfied && finding.lost.length === 0
  return isProven ? lostAt(there, at.graph) : undefined
}
