import { RegistryError } from './registry-error.ts'

/** Characters of a Link header that are looked at; a longer one would keep the expression below busy for seconds. */
const LONGEST_LINK = 4096

/**
 * The `next` relation of a Link header (RFC 8288; OCI distribution specification, "Listing Tags"), on the same origin only. Throws a
 * RegistryError for a header that leads elsewhere, or is too long.
 */
export function nextPage(link: string | undefined, url: URL): URL | undefined {
  if (link === undefined) return undefined
  if (link.length > LONGEST_LINK) throw badLink(url, `a Link header of more than ${LONGEST_LINK} characters`)
  const target = /<([^>]*)>\s*;[^,]*\brel="?next"?(?![\w-])/i.exec(link)?.[1]
  if (target === undefined) return undefined
  const next = URL.parse(target, url.href)
  if (next === null || next.origin !== url.origin) throw badLink(url, 'a next page on another host')
  return next
}

function badLink(url: URL, what: string): RegistryError {
  return new RegistryError({
    method: 'GET',
    url,
    status: 200,
    problem: `200 with ${what}`,
    hint: 'The list cannot be read to its end, and half of it is not enough; ask the operator of the registry.',
  })
}
