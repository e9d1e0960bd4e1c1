import { PromotionError } from '../errors.ts'
import { parseRepositoryName, type RepositoryName } from '../oci/reference.ts'

const PLACEHOLDER = /\{([^{}]*)\}/g

// Stands for a source while a template is checked; nobody writes such names by hand, so that equal results mean equal templates.
const SAMPLE: Readonly<Record<string, string>> = {
  registry: 'registry.placeholder.invalid',
  repository: 'repository-placeholder/name-placeholder',
  name: 'name-placeholder',
}

/**
 * Checks one line of `to` and returns the repository that it means for a made-up source: two templates with equal results are the
 * same target. Throws a PromotionError of kind `input`.
 */
export function parseTargetTemplate(template: string): RepositoryName {
  if (template.startsWith('oci-layout:')) {
    throw badTemplate(template, 'an OCI layout is not supported yet', 'Write a repository of a registry.')
  }
  for (const [written, name] of template.matchAll(PLACEHOLDER)) {
    if (name !== undefined && Object.hasOwn(SAMPLE, name)) continue
    throw badTemplate(template, `there is no placeholder ${written}`, `Use ${placeholders()}.`)
  }
  const filled = template.replace(PLACEHOLDER, (_, name: string) => SAMPLE[name] ?? '')
  if (/[{}]/.test(filled)) throw badTemplate(template, 'a brace is left over', `Use ${placeholders()}.`)
  try {
    return parseRepositoryName(filled)
  } catch (error) {
    const why = 'it does not make a repository name'
    throw badTemplate(template, why, 'Write host/path in lower case, and tags in the input tags.', error)
  }
}

function placeholders(): string {
  return Object.keys(SAMPLE)
    .map((name) => `{${name}}`)
    .join(', ')
}

function badTemplate(template: string, why: string, hint: string, cause?: unknown): PromotionError {
  return new PromotionError('input', `"${template}" cannot be a target: ${why}`, { hint, cause })
}
