import type { Descriptor } from '../oci/descriptor.ts'
import type { Digest } from '../oci/digest.ts'
import { MOST_REFERRERS } from '../oci/fallback-index.ts'
import { type IndexManifest, MANIFEST_LIMIT, type Manifest, parseManifest } from '../oci/manifest.ts'
import { bareMediaType, MEDIA_TYPES } from '../oci/media-types.ts'
import type { HttpContent } from './http.ts'
import { nextPage } from './next-page.ts'
import { quoteErrorBody, RegistryError } from './registry-error.ts'
import type { RepositoryRequest, RepositoryTransport } from './transport.ts'

const MOST_PAGES = 100
const OVERWRITTEN =
  'Something overwrote the referrers fallback tag: at a target `repair` says what, and rebuilds it with `rebuild-fallback`.'
/** How registries say that they have no referrers API; a redirect to another host means the same (it has been seen to end in a 429). */
const NO_API: readonly number[] = [301, 302, 303, 307, 308, 404, 405]

/**
 * The referrers API's list (OCI distribution specification, "Listing Referrers"), all pages of it. `no API`: the registry does not know
 * the endpoint. `not found`: a redirect elsewhere, or a 404 in the words of an API, which may be about this subject or a repository that
 * is still empty, and says nothing about others. Where the API `isKnown` to exist, by an answer before this one, whatever is not in its own
 * words is a failure that may pass. Anything unclear is a RegistryError: what cannot be understood never means "there are none".
 */
export async function listByApi(
  transport: RepositoryTransport,
  subject: Digest,
  isKnown: () => boolean,
): Promise<readonly Descriptor[] | 'not found' | 'no API'> {
  const found: Descriptor[] = []
  let next: URL | undefined
  for (let page = 0; page < MOST_PAGES; page++) {
    const where = next === undefined ? { path: `referrers/${subject}` } : { url: next }
    const expect = page === 0 ? [200, ...NO_API] : [200]
    const { status, headers, bytes, url } = await transport.retry(async () => {
      const answer = await readPage(transport, { ...where, expect })
      if (answer.status !== 200 && !isUnknownSubject(answer) && isKnown()) throw apiIsGone(answer)
      return answer
    })
    if (status !== 200) return status === 405 || isRouters404(status, bytes) ? 'no API' : 'not found'
    const index = parseReferrers(bytes, headers['content-type'] ?? '', url)
    found.push(...index.children)
    checkNumber(found, subject, url)
    next = nextPage(headers.link, url)
    if (next === undefined) return found
  }
  throw problem(next, `more than ${MOST_PAGES} pages of referrers of ${subject}`)
}

function readPage(
  transport: RepositoryTransport,
  asked: Pick<RepositoryRequest, 'path' | 'url' | 'expect'>,
): Promise<HttpContent> {
  const headers = { accept: MEDIA_TYPES.ociIndex }
  return transport.read({ method: 'GET', headers, stayOnOrigin: true, ...asked }, MANIFEST_LIMIT)
}

/** The index under a fallback tag; throws a RegistryError when something else stands there. */
export function asFallbackIndex(manifest: Manifest, url: URL): IndexManifest {
  if (manifest.kind === 'index') return manifest
  throw new RegistryError({
    method: 'GET',
    url,
    status: 200,
    problem: `200 with a ${manifest.descriptor.mediaType} where the referrers' index belongs`,
    hint: OVERWRITTEN,
  })
}

/** The error where a list of referrers would overwrite a tag of the subject, or would never be read back. */
export function noPlaceForReferrers(subject: Digest, url: URL): RegistryError {
  return new RegistryError({
    method: 'GET',
    url,
    status: 200,
    problem: `200 with ${subject} itself where the list of its referrers belongs`,
    hint: 'The registry has no place for referrers: sign with tags (`signature-format: tag`), or delete that tag if somebody has made it.',
  })
}

/** Throws a RegistryError for more referrers than are ever looked at. */
export function checkNumber(referrers: readonly Descriptor[], subject: Digest, url: URL): void {
  if (referrers.length <= MOST_REFERRERS) return
  throw problem(url, `more than ${MOST_REFERRERS} referrers of ${subject}`)
}

function apiIsGone({ status, url }: HttpContent): RegistryError {
  return new RegistryError({
    method: 'GET',
    url,
    status,
    problem: `${status}, although the referrers API was there before`,
    hint: 'Run again when the registry is well: without a certain list of referrers nothing can be promoted.',
    transient: true,
  })
}

/** Some registries say this of a subject that they do not have, where the specification wants an empty list. */
function isUnknownSubject({ status, bytes }: HttpContent): boolean {
  return status === 404 && quoteErrorBody(new TextDecoder().decode(bytes)).codes.includes('MANIFEST_UNKNOWN')
}

/** A registry without the endpoint does not even answer with one of its error codes. */
function isRouters404(status: number, body: Uint8Array): boolean {
  return status === 404 && quoteErrorBody(new TextDecoder().decode(body)).codes.length === 0
}

function parseReferrers(bytes: Uint8Array, contentType: string, url: URL): IndexManifest {
  const where = `The list of referrers at ${url.origin}${url.pathname}`
  const type = bareMediaType(contentType)
  if (type === 'text/html') throw problem(url, 'a web page where the list of referrers belongs')
  const manifest = parseManifest(bytes, MEDIA_TYPES.ociIndex, where)
  if (manifest.kind === 'index') return manifest
  throw problem(url, 'an image where the list of referrers belongs')
}

function problem(url: URL | undefined, what: string): RegistryError {
  return new RegistryError({
    method: 'GET',
    url: url ?? new URL('about:blank'),
    status: 200,
    problem: `200 with ${what}`,
    hint: 'Without a certain list of referrers nothing can be promoted; ask the operator of the registry.',
  })
}
