import { type Descriptor, isJsonObject } from '../oci/descriptor.ts'
import type { Digest } from '../oci/digest.ts'
import { type IndexManifest, MANIFEST_LIMIT, type Manifest, parseManifest } from '../oci/manifest.ts'
import { bareMediaType, MEDIA_TYPES } from '../oci/media-types.ts'
import { quoteErrorBody, RegistryError } from './registry-error.ts'
import type { RepositoryTransport } from './transport.ts'

/** More referrers than this on one subject are refused rather than read. */
const MOST_REFERRERS = 1000
const MOST_PAGES = 100
/** How registries say that they have no referrers API; a redirect to another host means the same (it has been seen to end in a 429). */
const NO_API: readonly number[] = [301, 302, 303, 307, 308, 404, 405]

/**
 * The referrers API's list (OCI distribution specification, "Listing Referrers"), all pages of it. `no API`: the registry does not know
 * the endpoint. `not found`: a redirect elsewhere, or a 404 in the words of an API, which may be about this subject or a repository that
 * is still empty, and says nothing about others. Anything unclear is a RegistryError: what cannot be understood never means "there are none".
 */
export async function listByApi(
  transport: RepositoryTransport,
  subject: Digest,
): Promise<readonly Descriptor[] | 'not found' | 'no API'> {
  const found: Descriptor[] = []
  let next: URL | undefined
  for (let page = 0; page < MOST_PAGES; page++) {
    const { status, headers, bytes, url } = await transport.read(
      {
        method: 'GET',
        ...(next === undefined ? { path: `referrers/${subject}` } : { url: next }),
        headers: { accept: MEDIA_TYPES.ociIndex },
        expect: page === 0 ? [200, ...NO_API] : [200],
        stayOnOrigin: true,
      },
      MANIFEST_LIMIT,
    )
    if (status !== 200) return status === 405 || isRouters404(status, bytes) ? 'no API' : 'not found'
    const index = parseReferrers(bytes, headers['content-type'] ?? '', url)
    found.push(...index.children)
    checkNumber(found, subject, url)
    next = nextPage(headers.link, url)
    if (next === undefined) return found
  }
  throw problem(next, `more than ${MOST_PAGES} pages of referrers of ${subject}`)
}

/** The index under a fallback tag; throws a RegistryError when something else stands there. */
export function asFallbackIndex(manifest: Manifest, url: URL): IndexManifest {
  if (manifest.kind === 'index') return manifest
  throw new RegistryError({
    method: 'GET',
    url,
    status: 200,
    problem: `200 with a ${manifest.descriptor.mediaType} where the referrers' index belongs`,
    hint: 'Something overwrote the referrers fallback tag; find out what, and delete or rebuild that tag.',
  })
}

/** What a list of referrers says of a manifest: its artifactType and annotations pulled up. */
export function listingOf(referrer: Manifest): Descriptor {
  const { descriptor, artifactType, annotations } = referrer
  const { mediaType, digest, size } = descriptor
  return {
    mediaType,
    digest,
    size,
    ...(artifactType !== undefined && { artifactType }),
    ...(Object.keys(annotations).length > 0 && { annotations }),
  }
}

/** The index with more entries; all that stands in it, known to us or not, stays. */
export function withEntries(index: IndexManifest, entries: readonly Descriptor[]): Manifest {
  const json: unknown = JSON.parse(new TextDecoder().decode(index.bytes))
  const { manifests, ...rest } = isJsonObject(json) ? json : {}
  const merged = { ...rest, manifests: [...(Array.isArray(manifests) ? manifests : []), ...entries] }
  return parseManifest(Buffer.from(JSON.stringify(merged)), index.descriptor.mediaType, 'a merged index')
}

/** Throws a RegistryError for more referrers than are ever looked at. */
export function checkNumber(referrers: readonly Descriptor[], subject: Digest, url: URL): void {
  if (referrers.length <= MOST_REFERRERS) return
  throw problem(url, `more than ${MOST_REFERRERS} referrers of ${subject}`)
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

/** The `next` relation of a Link header (RFC 8288), on the same origin only. */
function nextPage(link: string | undefined, url: URL): URL | undefined {
  const target = link === undefined ? undefined : /<([^>]*)>\s*;[^,]*\brel="?next"?/i.exec(link)?.[1]
  if (target === undefined) return undefined
  const next = URL.parse(target, url.href)
  if (next === null || next.origin !== url.origin) throw problem(url, 'a next page on another host')
  return next
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
