import { PromotionError } from '../errors.ts'
import { formatRepository, parseRepositoryName, type RepositoryName } from '../oci/reference.ts'

/** What a target template may hold, each with what it stands for. */
export const TARGET_PLACEHOLDERS: Readonly<Record<string, (source: RepositoryName) => string>> = {
  '{registry}': ({ registry }) => registry,
  '{repository}': ({ path }) => path,
  '{name}': ({ path }) => path.slice(path.lastIndexOf('/') + 1),
}

/**
 * The repository that a target template means for a source repository; without a placeholder the same one for all, as imgpkg's
 * `--to-repo`. Throws a PromotionError of kind `input` when the result is no repository name.
 */
export function destinationOf(template: string, source: RepositoryName): RepositoryName {
  const text = template.replace(
    /\{[^}]*\}/g,
    (placeholder) => TARGET_PLACEHOLDERS[placeholder]?.(source) ?? placeholder,
  )
  try {
    return parseRepositoryName(text)
  } catch (cause) {
    throw new PromotionError(
      'input',
      `The target "${template}" for ${formatRepository(source)} is "${text}", which is no repository`,
      {
        cause,
        hint: 'A port in {registry} cannot stand in a path; use {repository} or {name}, in lower case.',
      },
    )
  }
}
