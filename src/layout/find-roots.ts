import type { Descriptor } from '../oci/descriptor.ts'
import type { Digest } from '../oci/digest.ts'
import { childrenOf } from '../oci/manifest.ts'
import { type ReadManifest, readAll } from './read-all.ts'

/** Those of some manifests that stand for themselves among these: neither parts of the others nor attached to anything. */
export type RootsAmong = (digests: ReadonlySet<Digest>) => readonly Digest[]

/** Reads all manifests that a layout lists, each once however many names it has; which of them are roots is asked for each repository. */
export async function findRoots(listed: readonly Descriptor[], read: ReadManifest): Promise<RootsAmong> {
  const children = new Map<Digest, readonly Digest[]>()
  const attached = new Set<Digest>()
  await readAll(listed, read, (manifest) => {
    const { digest } = manifest.descriptor
    children.set(digest, childrenOf(manifest))
    if (manifest.subject !== undefined) attached.add(digest)
  })
  const asked = new Set(listed.map(({ digest }) => digest))
  // One index may have ten thousand children and a thousand names: only what is listed itself, or leads further, is gone through again.
  const leads = (digest: Digest) => asked.has(digest) || (children.get(digest)?.length ?? 0) > 0
  for (const [digest, all] of children) children.set(digest, all.filter(leads))
  return (digests) => {
    const parts = new Set<Digest>()
    // The set grows while it is gone through.
    const reached = new Set(digests)
    for (const digest of reached) {
      for (const child of children.get(digest) ?? []) {
        parts.add(child)
        reached.add(child)
      }
    }
    return [...digests].filter(
      (digest) => children.has(digest) && !parts.has(digest) && !attached.has(digest),
    )
  }
}
