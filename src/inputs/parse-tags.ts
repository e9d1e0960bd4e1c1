import { isAttachedTag } from '../oci/attached-tag.ts'
import { ORIGIN_TAG } from '../oci/origin-tag.ts'
import { isTag } from '../oci/reference.ts'
import type { InputReader } from './input-reader.ts'

/** Reads the templates of `tags`, each of them once. */
export function parseTags(inputs: InputReader): readonly string[] {
  const tags = inputs.lines('tags')
  for (const [index, tag] of tags.entries()) {
    // Stands for the origin's tag while a template is checked.
    const sample = tag.replaceAll(ORIGIN_TAG, 'x')
    if (/[{}]/.test(sample)) {
      inputs.problem(`"${tag}" has an unknown placeholder`, `The only one in \`tags\` is ${ORIGIN_TAG}.`)
    } else if (!isTag(sample)) {
      const hint = 'A tag is at most 128 letters, digits, dots, dashes and underscores, one tag a line.'
      inputs.problem(`"${tag}" cannot be a tag`, hint)
    } else if (isAttachedTag(tag)) {
      const hint = 'Signatures and referrers are found by such tags: choose another one for the image.'
      inputs.problem(`"${tag}" is a tag that hangs something on a digest`, hint)
    } else if (tags.indexOf(tag) < index) {
      inputs.problem(`The tag "${tag}" is given twice`, 'Keep one of the two lines.')
    }
  }
  return tags
}
