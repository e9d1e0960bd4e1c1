import { isJsonObject } from '../oci/descriptor.ts'
import type { HttpContent } from './http.ts'
import { nextPage } from './next-page.ts'
import { quoteErrorBody, RegistryError } from './registry-error.ts'
import type { RepositoryTransport } from './transport.ts'

const PAGE_SIZE = 1000
/** More tags are not kept in memory. */
const MOST_TAGS = 200_000
/** Fewer tags than any registry cuts a list at. */
const NEVER_CUT = 50
/** Bytes of one page. */
const PAGE_LIMIT = 4 * 1024 * 1024

/**
 * All tags of a repository (OCI distribution specification, "Listing Tags"). Undefined where there is no list that could be relied on: it is
 * refused, not understood, or too long. Throws a RegistryError when the registry does not answer.
 */
export async function listTags(
  transport: RepositoryTransport,
  mostPages: number,
): Promise<ReadonlySet<string> | undefined> {
  try {
    return await readPages(transport, mostPages)
  } catch (error) {
    // Whatever a list is refused with, what is wanted of it can be asked tag by tag.
    if (error instanceof RegistryError && error.status !== undefined) return undefined
    throw error
  }
}

async function readPages(
  transport: RepositoryTransport,
  mostPages: number,
): Promise<ReadonlySet<string> | undefined> {
  const tags = new Set<string>()
  let url = pageOf(transport)
  for (let page = 0; page < mostPages && tags.size < MOST_TAGS; page++) {
    const content: HttpContent = await transport.read({ method: 'GET', url, expect: [200, 404] }, PAGE_LIMIT)
    const listed = page === 0 && hasNoRepository(transport, content) ? [] : parseTags(content)
    if (listed === undefined || repeats(listed, tags)) return undefined
    for (const tag of listed) tags.add(tag)
    const next = nextPage(content.headers.link, content.url)
    // Some registries cut a list and do not say so: it is whole when nothing comes behind its last tag.
    if (next === undefined && listed.length < NEVER_CUT) return tags
    url = next ?? pageOf(transport, listed.at(-1))
  }
  return undefined
}

/** Whether a page says nothing new: its registry does not know where to go on, and the list may have been cut. */
function repeats(listed: readonly string[], tags: ReadonlySet<string>): boolean {
  return listed.length > 0 && listed.every((tag) => tags.has(tag))
}

function pageOf(transport: RepositoryTransport, last?: string): URL {
  const query = new URLSearchParams({ n: String(PAGE_SIZE), ...(last !== undefined && { last }) })
  return transport.urlOf(`tags/list?${query}`)
}

/** Whether a 404 says, in the registry's own words, that there is no such repository. */
function hasNoRepository(transport: RepositoryTransport, content: HttpContent): boolean {
  if (content.status !== 404 || !transport.isOwn(content)) return false
  return quoteErrorBody(new TextDecoder().decode(content.bytes)).codes.includes('NAME_UNKNOWN')
}

/** Null is an empty list: that is how Go writes one. */
function parseTags({ status, bytes }: HttpContent): readonly string[] | undefined {
  if (status !== 200) return undefined
  let json: unknown
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    // A web page, or half an answer: no list.
    return undefined
  }
  if (!isJsonObject(json) || !('tags' in json)) return undefined
  const tags = json.tags ?? []
  return Array.isArray(tags) && tags.every((tag) => typeof tag === 'string') ? tags : undefined
}
