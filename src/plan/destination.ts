import { PromotionError } from '../errors.ts'
import { inLayout, layoutIn, originalName } from '../oci/layout-name.ts'
import {
  formatRepository,
  parseRepositoryName,
  type RepositoryName,
  sameRepository,
} from '../oci/reference.ts'

/** What a target template may hold, each with what it stands for. */
const TARGET_PLACEHOLDERS: Readonly<Record<string, (source: RepositoryName) => string>> = {
  '{registry}': ({ registry }) => registry,
  '{repository}': ({ path }) => path,
  '{name}': ({ path }) => path.slice(path.lastIndexOf('/') + 1),
}

/**
 * The repository that a target template means for a source repository; without a placeholder the same one for all, as imgpkg's
 * `--to-repo`. Throws a PromotionError of kind `input` when the result is no repository name.
 */
export function destinationOf(template: string, from: RepositoryName): RepositoryName {
  const source = originalName(from)
  const layout = layoutIn(template)
  if (layout !== undefined) return inLayout(layout, source)
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

/**
 * The repositories that all templates mean for a source repository, in their order. Throws a PromotionError of kind `input` when two of
 * them mean the same one.
 */
export function destinationsOf(
  templates: readonly string[],
  source: RepositoryName,
): readonly RepositoryName[] {
  const repositories = templates.map((template) => destinationOf(template, source))
  for (const [index, repository] of repositories.entries()) {
    const first = repositories.findIndex((other) => sameRepository(other, repository))
    if (first < index) {
      throw new PromotionError(
        'input',
        `The targets "${templates[first]}" and "${templates[index]}" are both ${formatRepository(repository)} for ${formatRepository(source)}`,
        { hint: 'Leave out one of the two, or change it so that each image has one place at each target.' },
      )
    }
  }
  return repositories
}
