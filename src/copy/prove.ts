import { PromotionError } from '../errors.ts'
import type { Descriptor } from '../oci/descriptor.ts'
import type { Manifest } from '../oci/manifest.ts'
import { formatRepository } from '../oci/reference.ts'
import type { SourceRepository } from '../registry/repository.ts'
import { PATIENCE, patiently } from './patiently.ts'

/** By reading and hashing a blob, or by asking for it. */
export type Proof = 'full' | 'head'

/** How blobs are proven to be at a target: those that were sent, and those that the registry had elsewhere. The signal ends the waits. */
export interface Proving {
  readonly sent: Proof
  readonly mounted: Proof
  readonly signal: AbortSignal
}

/**
 * Makes sure that a repository has a blob that it said it has: Pulp 2.30, for one, keeps other bytes under a digest with a 201. Throws a
 * PromotionError of kind `incomplete` where there is nothing, and a RegistryError where there are other bytes.
 */
export async function proveBlob(
  blob: Descriptor,
  repository: SourceRepository,
  proof: Proof,
  signal: AbortSignal,
): Promise<void> {
  const isThere = () => (proof === 'full' ? repository.hasWholeBlob(blob) : repository.hasBlob(blob))
  const found = await patiently(PATIENCE, signal, async () => (await isThere()) || undefined)
  if (found === undefined) throw lost(`blob ${blob.digest}`, repository)
}

/** The manifest as the repository has it, checked against its digest. Throws a PromotionError of kind `incomplete` where there is none. */
export async function proveManifest(
  { descriptor: { digest } }: Manifest,
  repository: SourceRepository,
  signal: AbortSignal,
): Promise<Manifest> {
  const manifest = await patiently(PATIENCE, signal, () => repository.fetchManifest(digest))
  if (manifest === undefined) throw lost(`manifest ${digest}`, repository)
  return manifest
}

function lost(what: string, { name }: SourceRepository): PromotionError {
  return new PromotionError(
    'incomplete',
    `${formatRepository(name)} took the ${what} and does not give it back`,
    {
      hint: 'No tag was moved. Run again, and ask the operator of the registry if it stays so.',
    },
  )
}
