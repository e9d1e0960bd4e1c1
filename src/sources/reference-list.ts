import { originTagsOf } from '../oci/origin-tags-of.ts'
import { formatReference, parseReference } from '../oci/reference.ts'
import { SourceProblems } from '../yaml/source-problems.ts'
import type { ListedReference } from './source.ts'

/** Reads references, by tag or digest, as the inputs `images` and `bundle` list them; all problems are thrown together, of kind `input`. */
export function parseReferenceList(
  lines: readonly string[],
  input: 'images' | 'bundle' = 'images',
): readonly ListedReference[] {
  const problems = new SourceProblems()
  const listed = new Map<string, ListedReference>()
  for (const written of lines) {
    const reference = problems.attempt(undefined, () => parseReference(written))
    if (reference === undefined) continue
    const name = formatReference(reference)
    const earlier = listed.get(name)
    if (earlier === undefined) {
      const common = { reference, written, annotations: {}, originTags: originTagsOf(reference, written) }
      listed.set(name, input === 'bundle' ? { ...common, isBundle: true } : common)
    } else {
      const how = earlier.written === written ? '' : `, also as "${earlier.written}"`
      problems.add(
        undefined,
        `"${written}" is listed twice in \`${input}\`${how}`,
        'Keep one of the two lines.',
      )
    }
  }
  problems.throwIfAny()
  return [...listed.values()]
}
