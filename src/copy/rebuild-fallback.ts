import { PromotionError } from '../errors.ts'
import { listingOf, onlyEntries, withEntries } from '../oci/fallback-index.ts'
import { type Manifest, makeIndexManifest } from '../oci/manifest.ts'
import { formatReference } from '../oci/reference.ts'
import type { TargetRepository } from '../registry/repository.ts'
import type { FoundFallback } from '../repair/broken-fallback.ts'
import { PATIENCE, patiently } from './patiently.ts'

/**
 * Writes over what stands under a fallback tag: the entries that hold, and the referrers that were hidden. Read back; what stood there is not
 * deleted. Answers whether it is still to be had by its digest. Throws a PromotionError of kind `conflict` where something else stands there by
 * now, and of kind `incomplete` where the registry does not give back what was written.
 */
export async function rebuildFallback(
  found: FoundFallback,
  repository: TargetRepository,
  signal: AbortSignal,
): Promise<boolean> {
  const { tag, digest } = found
  const wanted = indexFor(found)
  // The last look: whoever has mended it meanwhile is not undone.
  if (digest !== undefined && (await repository.resolve(tag))?.digest !== digest) throw changedSince(found)
  await repository.tag(tag, wanted)
  const stands = await patiently(PATIENCE, signal, async () => {
    const read = await repository.fetchManifest(tag)
    return read?.descriptor.digest === wanted.descriptor.digest || undefined
  })
  if (stands === undefined) throw notGivenBack(found)
  return digest !== undefined && (await repository.resolve(digest)) !== undefined
}

function indexFor({ repository, tag, standing, valid, hidden }: FoundFallback): Manifest {
  const entries = hidden.map(listingOf)
  if (standing?.kind !== 'index') return makeIndexManifest(entries)
  const where = formatReference({ repository, tag })
  const kept = onlyEntries(standing, new Set(valid.map(({ digest }) => digest)), where)
  return withEntries(kept, entries, where)
}

function changedSince({ repository, tag }: FoundFallback): PromotionError {
  return new PromotionError(
    'conflict',
    `${formatReference({ repository, tag })} was written by somebody else meanwhile`,
    {
      hint: 'Run repair again: it looks at what stands there now.',
    },
  )
}

function notGivenBack({ repository, tag }: FoundFallback): PromotionError {
  return new PromotionError(
    'incomplete',
    `${formatReference({ repository, tag })} was written, and something else stands there`,
    { hint: 'Run repair again, and ask the operator of the registry if it stays so.' },
  )
}
