import { formatReference } from '../oci/reference.ts'
import type { SourceProblems } from '../yaml/source-problems.ts'
import type { ImageTerms, ListedImage } from './source.ts'

/**
 * Notes each image that is listed on two terms, tags told by what they mean now: it can be signed and verified in one way only. What comes
 * from a format that has no terms goes by those of the others, unless they say that nobody need have signed it.
 */
export function refuseOtherTerms(images: Iterable<ListedImage>, problems: SourceProblems): void {
  const known = new Map<string, ListedImage>()
  for (const image of images) {
    const name = formatReference(image.reference)
    const first = known.get(name)
    if (first !== undefined && !agree(first.terms, image.terms)) tell(image, first, problems)
    if (first?.terms === undefined) known.set(name, image)
  }
}

function agree(one: ImageTerms | undefined, other: ImageTerms | undefined): boolean {
  if (one !== undefined && other !== undefined) return keyOf(one) === keyOf(other)
  return (one ?? other)?.verify?.by !== 'nobody'
}

function tell({ written, location }: ListedImage, first: ListedImage, problems: SourceProblems): void {
  const { file, line } = first.location ?? {}
  const where = file === undefined ? '' : ` in ${file}:${line}`
  const message = `"${written}" is signed or verified otherwise than "${first.written}"${where}, which is the same image`
  problems.add(location, message, 'Let both say the same about signing and verifying.')
}

function keyOf({ sign, verify }: ImageTerms): string {
  return JSON.stringify([sign, verify])
}
