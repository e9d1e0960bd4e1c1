import { PromotionError } from '../errors.ts'
import { cutText } from '../oci/cut-text.ts'
import { hostIn, parseRepositoryName, schemeIn } from '../oci/reference.ts'
import { EVERY_REPOSITORY } from './demand-for.ts'

/** Characters: as many as the name of a repository may have. */
const LONGEST_PATTERN = 255
const ALLOWED = /^[a-z0-9._:[\]/*-]*$/
const HINT =
  'Write host/path in lower case, where * stands for one segment or a part of it and ** for any number of segments.'

/**
 * Refuses a pattern that can match no repository, or not those that it seems to mean. Throws a PromotionError of kind `input` that
 * says why.
 */
export function requirePattern(pattern: string): void {
  if (pattern === EVERY_REPOSITORY) return
  refuseOtherForms(pattern)
  const [host = '', ...path] = pattern.split('/')
  if (path.length === 0) throw bad(pattern, 'it names no path in a registry')
  const lone = [host, ...path].find((segment) => segment.includes('**') && segment !== '**')
  if (lone !== undefined) throw bad(pattern, `"${lone}" holds ** and something else`)
  if (hostIn(`${sampleHost(host)}/`) === undefined) {
    const hint = `Write the host in front of it, for Docker Hub as docker.io/${cutText(pattern)}.`
    throw bad(pattern, 'it does not begin with the host of a registry', { hint })
  }
  requireName(pattern, host, path)
}

function refuseOtherForms(pattern: string): void {
  if (pattern.length > LONGEST_PATTERN) throw bad(pattern, `it is longer than ${LONGEST_PATTERN} characters`)
  if (schemeIn(pattern) !== undefined) throw bad(pattern, 'it is a URL')
  if (/@|:[^/]*$/.test(pattern.slice(pattern.indexOf('/') + 1)) && pattern.includes('/')) {
    const hint = 'Leave the tag or the digest out: a rule speaks of all images of a repository.'
    throw bad(pattern, 'it holds a tag or a digest', { hint })
  }
  if (/[A-Z]/.test(pattern)) throw bad(pattern, 'no repository has capital letters')
  if (!ALLOWED.test(pattern)) throw bad(pattern, 'it holds a character that no repository has')
}

/** A name that the pattern matches has to be the name of a repository. */
function requireName(pattern: string, host: string, path: readonly string[]): void {
  const sample = path.map((segment) => segment.replaceAll(/\*+/g, 'a'))
  try {
    const name = parseRepositoryName([sampleHost(host), ...sample].join('/'))
    if (name.path === sample.join('/') || path[0] === '**') return
  } catch (cause) {
    throw bad(pattern, 'no repository has such a name', { cause })
  }
  const hint = `Write docker.io/library/${path.join('/')}.`
  throw bad(pattern, 'images of Docker Hub without an owner are in "library"', { hint })
}

function sampleHost(host: string): string {
  return host.replaceAll(/(:.*)?\*+/g, (_, port?: string) => (port === undefined ? 'a.a' : `${port}1`))
}

function bad(
  pattern: string,
  why: string,
  details: { readonly hint?: string; readonly cause?: unknown } = {},
) {
  const message = `"${cutText(pattern)}" is no pattern for repositories: ${why}`
  return new PromotionError('input', message, { hint: HINT, ...details })
}
