import { formatReference } from '../oci/reference.ts'
import type { SourceProblems } from '../yaml/source-problems.ts'
import type { ImageTerms, ListedImage } from './source.ts'

/**
 * Notes each image that is listed on two terms, tags told by what they mean now: it can be signed and verified in one way only. What comes
 * from a format that has no terms goes by those of the others.
 */
export function refuseOtherTerms(images: Iterable<ListedImage>, problems: SourceProblems): void {
  const known = new Map<string, ListedImage>()
  for (const image of images) {
    if (image.terms === undefined) continue
    const name = formatReference(image.reference)
    const first = known.get(name)
    if (first === undefined) known.set(name, image)
    else if (keyOf(first.terms) !== keyOf(image.terms)) tell(image, first, problems)
  }
}

function tell({ written, location }: ListedImage, first: ListedImage, problems: SourceProblems): void {
  const { file, line } = first.location ?? {}
  const where = file === undefined ? '' : ` in ${file}:${line}`
  const message = `"${written}" is signed or verified otherwise than "${first.written}"${where}, which is the same image`
  problems.add(location, message, 'Let both say the same about signing and verifying.')
}

function keyOf(terms: ImageTerms | undefined): string {
  return JSON.stringify([terms?.sign, terms?.verify])
}
