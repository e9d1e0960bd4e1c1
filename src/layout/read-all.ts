import pMap from 'p-map'
import type { Descriptor } from '../oci/descriptor.ts'
import type { Manifest } from '../oci/manifest.ts'

const FILES_AT_A_TIME = 16

/** The manifest of a descriptor, or undefined where the layout has none. */
export type ReadManifest = (descriptor: Descriptor) => Promise<Manifest | undefined>

/** Reads every manifest from these on with all that they list in turn, each once, and lets `see` have what is there. */
export async function readAll(
  listed: readonly Descriptor[],
  read: ReadManifest,
  see: (manifest: Manifest) => void,
): Promise<void> {
  const seen = new Set<string>()
  for (let next = listed; next.length > 0; ) {
    const unseen = new Map(next.filter(({ digest }) => !seen.has(digest)).map((one) => [one.digest, one]))
    for (const digest of unseen.keys()) seen.add(digest)
    const readChildren = async (descriptor: Descriptor) => {
      const manifest = await read(descriptor)
      if (manifest !== undefined) see(manifest)
      return manifest?.kind === 'index' ? manifest.children : []
    }
    const found = await pMap(unseen.values(), readChildren, { concurrency: FILES_AT_A_TIME })
    next = found.flat()
  }
}
