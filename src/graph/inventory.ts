import { type AtomicSignature, missingSignatures } from '../oci/atomic-signature.ts'
import { mergeableLayers } from '../oci/signature-manifest.ts'
import type { AttachedArtifact, AttachedKind, ImageGraph } from './image-graph.ts'

/**
 * A manifest and what it belongs to: `image` is the root itself, `child` a part of it, the rest are attached to `subject`. `atomic` is a GPG
 * signature beside the manifests, its digest that of the signed message.
 */
export interface InventoryEntry {
  readonly subject: string
  readonly kind: 'image' | 'child' | 'atomic' | AttachedKind
  readonly digest: string
}

/** All that a graph holds, one entry a manifest and attachment, in the order of the graph. */
export function inventoryOf(graph: ImageGraph): readonly InventoryEntry[] {
  const root = graph.root.descriptor.digest
  const attachedDigests = new Set(graph.attached.map(({ manifest }) => manifest.descriptor.digest))
  const parts = [...graph.manifests.keys()].filter(
    (digest) => digest !== root && !attachedDigests.has(digest),
  )
  return [
    { subject: root, kind: 'image', digest: root },
    ...parts.map((digest) => ({ subject: root, kind: 'child' as const, digest })),
    ...graph.attached.map(entryOf),
    ...(graph.atomic ?? []).map(atomicEntryOf),
  ]
}

/**
 * What of the source's graph the target's lacks; empty when nothing was lost. Under a `.sig` or `.att` tag the target may have a
 * merged manifest instead: it counts when every layer of the source's is in it. GPG signatures are lost only where the registry keeps any.
 */
export function lostAt(target: ImageGraph, source: ImageGraph): readonly InventoryEntry[] {
  const attachedThere = new Set(target.attached.map((artifact) => keyOf(entryOf(artifact))))
  const digestsThere: ReadonlySet<string> = new Set(target.manifests.keys())
  const byTag = new Map(target.attached.map((artifact) => [tagKeyOf(artifact), artifact]))
  const parts = inventoryOf(source).filter(({ kind }) => kind === 'image' || kind === 'child')
  return [
    ...parts.filter(({ digest }) => !digestsThere.has(digest)),
    ...source.attached
      .filter((artifact) => !attachedThere.has(keyOf(entryOf(artifact))))
      .filter((artifact) => !isMerged(artifact, byTag.get(tagKeyOf(artifact))))
      .map(entryOf),
    ...(target.atomic ? missingSignatures(source.atomic ?? [], target.atomic) : []).map(atomicEntryOf),
  ]
}

/** A GPG signature in the inventory. */
export function atomicEntryOf({ subject, digest }: AtomicSignature): InventoryEntry {
  return { subject, kind: 'atomic', digest }
}

function isMerged({ kind, manifest }: AttachedArtifact, there: AttachedArtifact | undefined): boolean {
  return there !== undefined && mergeableLayers(kind, there.manifest, manifest)?.length === 0
}

function entryOf({ subject, kind, manifest }: AttachedArtifact): InventoryEntry {
  return { subject, kind, digest: manifest.descriptor.digest }
}

function keyOf({ subject, kind, digest }: InventoryEntry): string {
  return `${subject} ${kind} ${digest}`
}

function tagKeyOf({ subject, kind }: AttachedArtifact): string {
  return `${subject} ${kind}`
}
