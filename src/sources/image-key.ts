import { formatReference, formatRepository, sameRepository } from '../oci/reference.ts'
import type { ListedImage } from './source.ts'

/**
 * A text that two listed images share when they are the same image in the same place: what a bundle brings in goes where the bundle goes,
 * from wherever it is read.
 */
export function imageKey({ reference, bundle }: ListedImage): string {
  const name = formatReference(reference)
  if (bundle === undefined || sameRepository(bundle.root.repository, reference.repository)) return name
  return `${name} in ${formatRepository(bundle.root.repository)}`
}
