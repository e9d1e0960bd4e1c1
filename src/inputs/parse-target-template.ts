import { PromotionError } from '../errors.ts'
import { inLayout, LAYOUT_PREFIX, layoutIn } from '../oci/layout-name.ts'
import { maskCredentials } from '../oci/mask-credentials.ts'
import { hostIn, parseRepositoryName, type RepositoryName, schemeIn } from '../oci/reference.ts'
import { pathMeant } from './path-meant.ts'
import { uncompressedName } from './uncompressed-name.ts'

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
  const layout = layoutIn(template)
  if (layout !== undefined) return parseLayoutTarget(template, layout)
  refusePath(template)
  for (const [written, name] of template.matchAll(PLACEHOLDER)) {
    if (name !== undefined && Object.hasOwn(SAMPLE, name)) continue
    throw badTemplate(template, `there is no placeholder ${written}`, `Use ${placeholders()}.`)
  }
  const filled = template.replace(PLACEHOLDER, (_, name: string) => SAMPLE[name] ?? '')
  if (/[{}]/.test(filled)) throw badTemplate(template, 'a brace is left over', `Use ${placeholders()}.`)
  refuseOtherForms(template, filled)
  try {
    return parseRepositoryName(filled)
  } catch (error) {
    const why = 'it does not make a repository name'
    throw badTemplate(template, why, 'Write host/path, without a tag or digest; tags go into `tags`.', error)
  }
}

/** Images keep their whole names in a layout, so that there is nothing to fill in. */
function parseLayoutTarget(template: string, path: string): RepositoryName {
  if (path === '' || /[{}]/.test(path)) {
    throw badTemplate(
      template,
      'it is no path',
      'Write oci-layout:release.tar or oci-layout:folder; names are kept in it.',
    )
  }
  const uncompressed = uncompressedName(path)
  if (uncompressed !== undefined) {
    const hint = `Write ${LAYOUT_PREFIX}${uncompressed}, and compress it afterwards if you must.`
    throw badTemplate(template, 'an archive is written uncompressed', hint)
  }
  return inLayout(path, { registry: 'registry.placeholder.invalid', path: 'name-placeholder' })
}

/** Says how a layout on disk is written. */
function refusePath(template: string): void {
  const path = pathMeant(template)
  if (path === undefined) return
  const hint = `Write ${LAYOUT_PREFIX}${maskCredentials(uncompressedName(path) ?? path)} for an archive or a folder.`
  throw badTemplate(template, 'it is a path on disk', hint)
}

/** Says of what people write most often why it is no target. */
function refuseOtherForms(template: string, filled: string): void {
  const scheme = schemeIn(template)
  if (scheme !== undefined) throw badTemplate(template, 'it is a URL', `Leave out ${scheme}.`)
  const host = hostIn(filled)
  if (host === undefined) throw withoutRegistry(template, filled)
  if (/[A-Z]/.test(filled.slice(host.length))) {
    throw badTemplate(template, 'capital letters are not allowed in a path', 'Write the path in lower case.')
  }
}

/** A short name means Docker Hub in a list of images; to write there, to a public place, has to be meant. */
function withoutRegistry(template: string, filled: string): PromotionError {
  const written = maskCredentials(template)
  if (hostIn(`${filled}/`) !== undefined) {
    return badTemplate(template, 'it names no path in the registry', `Write ${written}/{name}, for example.`)
  }
  return new PromotionError('input', `The target "${written}" names no registry`, {
    hint: `Write host/path; for Docker Hub write docker.io/${written}.`,
  })
}

function placeholders(): string {
  return Object.keys(SAMPLE)
    .map((name) => `{${name}}`)
    .join(', ')
}

function badTemplate(template: string, why: string, hint: string, cause?: unknown): PromotionError {
  return new PromotionError('input', `"${maskCredentials(template)}" cannot be a target: ${why}`, {
    hint,
    cause,
  })
}
