import { formatReference, isPinned, parseReference, type Reference } from '../oci/reference.ts'
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
    const reference = readReference(written, problems)
    if (reference === undefined) continue
    const name = formatReference(reference)
    const earlier = listed.get(name)
    if (earlier === undefined) {
      const originTags = isPinned(reference) ? [] : [reference.tag]
      const common = { reference, written, annotations: {}, originTags }
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

function readReference(written: string, problems: SourceProblems): Reference | undefined {
  try {
    return parseReference(written)
  } catch (error) {
    problems.note(error)
    return undefined
  }
}
