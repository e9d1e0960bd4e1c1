import type { ImageGraph } from '../graph/image-graph.ts'
import { type InventoryEntry, inventoryOf } from '../graph/inventory.ts'
import type { Digest } from '../oci/digest.ts'
import type { SavedImage } from './saved-plan.ts'

/** What the source has of an image otherwise than when a plan was made. */
export interface InventoryChanges {
  readonly gone: readonly InventoryEntry[]
  readonly come: readonly InventoryEntry[]
}

/**
 * Compares what the source has with what a saved plan says. Of an image that is signed first, a `.sig` manifest in whose place is one with one
 * layer more counts as come, and not as gone: that is what signing does.
 */
export function inventoryChanges(saved: SavedImage, graph: ImageGraph): InventoryChanges {
  const now = inventoryOf(graph)
  const [before, after] = [saved.inventory, now].map((entries) => new Set(entries.map(keyOf)))
  const come = now.filter((entry) => before?.has(keyOf(entry)) === false)
  const grown = new Set(
    come
      .filter(({ kind, digest }) => kind === 'sig' && isGrown(digest, saved, graph))
      .map(({ subject }) => subject),
  )
  const gone = saved.inventory
    .filter((entry) => after?.has(keyOf(entry)) === false)
    .filter(({ kind, subject }) => kind !== 'sig' || !grown.has(subject))
  return { gone, come }
}

/** The layers of all `.sig` manifests of a graph: the signatures of that form. */
export function signatureLayers({ attached }: ImageGraph): readonly Digest[] {
  return attached.flatMap(({ kind, manifest }) =>
    kind === 'sig' && manifest.kind === 'image' ? manifest.layers.map(({ digest }) => digest) : [],
  )
}

/** Whether a `.sig` manifest holds one signature more than were there before. */
function isGrown(digest: string, { signing }: SavedImage, graph: ImageGraph): boolean {
  const found = graph.attached.find(({ manifest }) => manifest.descriptor.digest === digest)
  if (signing === undefined || found?.manifest.kind !== 'image') return false
  const known: ReadonlySet<Digest> = new Set(signing.layers)
  const now = new Set(signatureLayers(graph))
  if (signing.layers.some((layer) => !now.has(layer))) return false
  return found.manifest.layers.filter((layer) => !known.has(layer.digest)).length === 1
}

function keyOf({ subject, kind, digest }: InventoryEntry): string {
  return `${subject} ${kind} ${digest}`
}
