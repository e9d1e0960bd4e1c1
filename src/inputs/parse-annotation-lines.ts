import { PromotionError } from '../errors.ts'
import type { Annotations } from '../oci/descriptor.ts'

/** Reads lines of `key=value`, as cosign's `-a` takes them; throws a PromotionError of kind `input` that names the input. */
export function parseAnnotationLines(lines: readonly string[], input: string): Annotations {
  const annotations = new Map<string, string>()
  for (const line of lines) {
    const equals = line.indexOf('=')
    const key = line.slice(0, Math.max(equals, 0))
    if (key === '' || /\s/.test(key)) throw badAnnotation(`"${line}" in \`${input}\` is not key=value`)
    if (annotations.has(key)) throw badAnnotation(`\`${input}\` gives "${key}" twice`)
    annotations.set(key, line.slice(equals + 1))
  }
  return Object.fromEntries(annotations)
}

function badAnnotation(message: string): PromotionError {
  return new PromotionError('input', message, {
    hint: 'Write one key=value a line, each key once and without blanks.',
  })
}
