import { isIPv6 } from 'node:net'
import { PromotionError } from '../errors.ts'
import { type Digest, isDigest } from './digest.ts'

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
const LONGEST_NAME = 255
const HIGHEST_PORT = 65_535
const HOST = /^(?<host>[^:[\]]+|\[(?<ipv6>[^\]]*)\])(?::(?<port>[0-9]{1,5}))?$/
const DOMAIN = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*$/
const COMPONENT = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/
const TAG = /^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$/

/**
 * Reads `[host[:port]/]path[:tag][@digest]` (OCI distribution specification, "Pulling manifests"). A reference with both a tag and
 * a digest is pinned; the tag is dropped. Docker Hub's short names are written out as go-containerregistry does:
 * `nginx` is `index.docker.io/library/nginx:latest`. Throws a PromotionError of kind `input`.
 */
export function parseReference(text: string): Reference {
  const at = text.indexOf('@')
  const { name, tag } = splitTag(at < 0 ? text : text.slice(0, at))
  const repository = parseRepositoryName(name, text)
  if (tag !== undefined && !isTag(tag)) throw badReference(text, `"${tag}" is not a tag`)
  if (at < 0) return { repository, tag: tag ?? DEFAULT_TAG }
  const digest = text.slice(at + 1)
  if (!isDigest(digest)) throw badReference(text, `"${digest}" is not a digest`)
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
  const slash = text.indexOf('/')
  const first = slash < 0 ? '' : text.slice(0, slash)
  const hasHost = /[.:[]/.test(first) || first.toLowerCase() === 'localhost'
  const registry = normaliseRegistry(hasHost ? first : DEFAULT_REGISTRY)
  const rest = hasHost ? text.slice(slash + 1) : text
  const path = registry === DEFAULT_REGISTRY && !rest.includes('/') ? `library/${rest}` : rest
  if (registry.length + 1 + path.length > LONGEST_NAME) {
    throw badReference(whole, `the name is longer than ${LONGEST_NAME} characters`)
  }
  if (!isRegistryHost(registry)) throw badReference(whole, `"${registry}" is not a registry host`)
  if (!path.split('/').every((component) => COMPONENT.test(component))) {
    throw badReference(whole, `"${rest}" is not a repository path`)
  }
  return { registry, path }
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
  return isHost && Number(port) >= 1 && Number(port) <= HIGHEST_PORT
}

function splitTag(text: string): { name: string; tag: string | undefined } {
  const colon = text.lastIndexOf(':')
  if (colon < 0 || text.indexOf('/', colon) >= 0) return { name: text, tag: undefined }
  return { name: text.slice(0, colon), tag: text.slice(colon + 1) }
}

function badReference(text: string, why: string, hint?: string): PromotionError {
  return new PromotionError('input', `"${text}" is not a usable image reference: ${why}`, {
    hint: hint ?? 'A reference is written host/path@sha256:… or host/path:tag, its path in lower case.',
  })
}
