import { isIPv6 } from 'node:net'
import { PromotionError } from '../errors.ts'
import { cutText } from './cut-text.ts'
import { algorithmOf, type Digest, isDigest } from './digest.ts'
import { maskCredentials } from './mask-credentials.ts'
import { splitReference } from './split-reference.ts'

/** A repository: the registry's host, with its port where one was written, and the path in it. */
export interface RepositoryName {
  readonly registry: string
  readonly path: string
}

/** An image by its digest: the only thing that is ever signed, verified or copied. */
export interface PinnedReference {
  readonly repository: RepositoryName
  readonly digest: Digest
}

/** An image by its tag, which may mean another image tomorrow. */
export interface TaggedReference {
  readonly repository: RepositoryName
  readonly tag: string
}

export type Reference = PinnedReference | TaggedReference

const DEFAULT_REGISTRY = 'index.docker.io'
const DEFAULT_TAG = 'latest'
const CREDENTIALS_HINT =
  'Write host/path@sha256:…; credentials come from the docker config, `registries` or SIGNED_PROMOTE_REGISTRIES.'
const LONGEST_NAME = 255
const HIGHEST_PORT = 65_535
const HOST = /^(?<host>[^:[\]]+|\[(?<ipv6>[^\]]*)\])(?::(?<port>[0-9]{1,5}))?$/
const DOMAIN = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*$/
const COMPONENT = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/
const SCHEME = /^[a-z][a-z0-9+.-]*:\/\//i
const TAG = /^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$/

/**
 * Reads `[host[:port]/]path[:tag][@digest]` (OCI distribution specification, "Pulling manifests"). A reference with both a tag and
 * a digest is pinned; the tag is dropped. Docker Hub's short names are written out as go-containerregistry does:
 * `nginx` is `index.docker.io/library/nginx:latest`. Throws a PromotionError of kind `input`.
 */
export function parseReference(text: string): Reference {
  const { name, tag, digest } = splitReference(text)
  const repository = parseRepositoryName(name, text)
  if (tag !== undefined && !isTag(tag)) throw badReference(text, `"${cutText(tag)}" is not a tag`)
  if (digest === undefined) return { repository, tag: tag ?? DEFAULT_TAG }
  if (!isDigest(digest)) throw badReference(text, `"${cutText(digest)}" is not a digest`)
  // The tags of what is attached to a sha512 digest would be longer than a tag may be.
  if (algorithmOf(digest) !== 'sha256')
    throw badReference(text, 'its digest is not a sha256', 'Pin the image by sha256.')
  return { repository, digest }
}

/** Reads a reference that must carry a digest; throws a PromotionError of kind `input` when it has only a tag. */
export function parsePinnedReference(text: string): PinnedReference {
  const reference = parseReference(text)
  if (isPinned(reference)) return reference
  throw badReference(text, 'it has no digest', 'Pin it: write name@sha256:… instead of a tag.')
}

/** Reads `[host[:port]/]path`, without tag or digest; throws a PromotionError of kind `input`. */
export function parseRepositoryName(text: string, whole = text): RepositoryName {
  if (maskCredentials(whole) !== whole) {
    throw badReference(whole, 'what stands behind the first "@" is not a digest', CREDENTIALS_HINT)
  }
  const scheme = schemeIn(text)
  if (scheme !== undefined) throw badReference(whole, 'it is a URL', `Leave out ${scheme}.`)
  const first = hostIn(text)
  const registry = normaliseRegistry(first ?? DEFAULT_REGISTRY)
  const rest = first === undefined ? text : text.slice(first.length + 1)
  const path = registry === DEFAULT_REGISTRY && !rest.includes('/') ? `library/${rest}` : rest
  if (registry.length + 1 + path.length > LONGEST_NAME) {
    throw badReference(whole, `the name is longer than ${LONGEST_NAME} characters`)
  }
  if (!isRegistryHost(registry)) throw badReference(whole, `"${cutText(registry)}" is not a registry host`)
  if (isPath(path)) return { registry, path }
  const isUpper = isPath(path.toLowerCase())
  throw badReference(
    whole,
    isUpper ? 'capital letters are not allowed in a path' : `"${cutText(rest)}" is not a repository path`,
  )
}

/**
 * What stands for the registry in a name, as docker tells it from a path; `undefined` when it begins with the path: only a dot, a colon,
 * a bracket or `localhost` makes the first component a host.
 */
export function hostIn(name: string): string | undefined {
  const slash = name.indexOf('/')
  const first = name.slice(0, Math.max(slash, 0))
  return /[.:[]/.test(first) || first.toLowerCase() === 'localhost' ? first : undefined
}

/** What makes a name a URL, such as `https://`. */
export function schemeIn(name: string): string | undefined {
  return SCHEME.exec(name)?.[0]
}

/** Whether the text can be a tag (OCI distribution specification: at most 128 of `[a-zA-Z0-9._-]`, not starting with `.` or `-`). */
export function isTag(text: string): boolean {
  return TAG.test(text)
}

export function isPinned(reference: Reference): reference is PinnedReference {
  return 'digest' in reference
}

/** `host/path`. */
export function formatRepository(name: RepositoryName): string {
  return `${name.registry}/${name.path}`
}

/** `host/path@digest` or `host/path:tag`. */
export function formatReference(reference: Reference): string {
  const name = formatRepository(reference.repository)
  return isPinned(reference) ? `${name}@${reference.digest}` : `${name}:${reference.tag}`
}

export function sameRepository(one: RepositoryName, other: RepositoryName): boolean {
  return one.registry === other.registry && one.path === other.path
}

/** The host in lower case, and all of Docker Hub's names as the one that serves it. */
function normaliseRegistry(host: string): string {
  const lower = host.toLowerCase()
  return lower === 'docker.io' || lower === 'registry-1.docker.io' ? DEFAULT_REGISTRY : lower
}

/** A domain name, an IPv4 address or an IPv6 address in brackets, in lower case, with a port or without (RFC 3986, section 3.2.2). */
function isRegistryHost(text: string): boolean {
  const { host = '', ipv6, port = '1' } = HOST.exec(text)?.groups ?? {}
  const isHost = ipv6 === undefined ? DOMAIN.test(host) : isIPv6(ipv6)
  // What looks like an address and is none, such as 127.0.0.300, cannot be a URL's host.
  return isHost && URL.canParse(`https://${text}`) && Number(port) >= 1 && Number(port) <= HIGHEST_PORT
}

function isPath(text: string): boolean {
  return text.split('/').every((component) => COMPONENT.test(component))
}

function badReference(text: string, why: string, hint?: string): PromotionError {
  const quoted = cutText(maskCredentials(text))
  return new PromotionError('input', `"${quoted}" is not a usable image reference: ${why}`, {
    hint: hint ?? 'A reference is written host/path@sha256:… or host/path:tag, its path in lower case.',
  })
}
