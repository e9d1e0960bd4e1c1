import { isDigest } from '../../src/oci/digest.ts'
import { MEDIA_TYPES } from '../../src/oci/media-types.ts'
import {
  type Answer,
  answer,
  type Exchange,
  errorAnswer,
  jsonAnswer,
  underAnotherName,
} from './registry-exchange.ts'

/** `/v2/<name>/tags/list` with `n` and `last` (OCI distribution specification, "Listing Tags"). */
export function answerTags(exchange: Exchange): Answer {
  const { request, name, repository, switches } = exchange
  if (repository.isEmpty)
    return errorAnswer(404, 'NAME_UNKNOWN', `repository name not known to registry: ${name}`)
  const last = request.query.get('last') ?? ''
  const asked = Number(request.query.get('n') ?? switches.pageSize)
  const size = Math.min(asked, switches.pageSize)
  const rest = [...repository.tags.keys()].filter((tag) => tag > last).sort()
  const tags = rest.slice(0, size)
  const next = `/v2/${name}/tags/list?n=${size}&last=${tags.at(-1)}`
  return jsonAnswer(200, { name, tags }, tags.length < rest.length && size > 0 ? linkTo(next, exchange) : {})
}

/** `/v2/<name>/referrers/<digest>` (OCI distribution specification, "Listing Referrers"), or what the switches say. */
export function answerReferrers(exchange: Exchange): Answer {
  const { reference, switches, origins } = exchange
  switch (switches.referrersAnswer) {
    case 'not found':
      return errorAnswer(404, 'NOT_FOUND', 'no such thing')
    case 'unknown manifest':
      return errorAnswer(404, 'MANIFEST_UNKNOWN', 'manifest unknown')
    case 'redirect':
      // To a page for people, which cuts the digest and has a limit of its own.
      return answer(303, { location: `${underAnotherName(origins.elsewhere)}/packages/sha256` })
    case 'forbidden':
      return errorAnswer(403, 'DENIED', 'requested access to the resource is denied')
    case 'failing':
      return errorAnswer(500, 'UNKNOWN', 'unknown error')
    case 'html':
      return answer(200, { 'content-type': 'text/html' }, '<!doctype html><title>Registry</title>')
    case 'empty':
      return indexAnswer([])
    case 'normal':
      break
  }
  // The router of a registry without the endpoint answers, not its error table.
  if (!switches.referrersApi) return answer(404, { 'content-type': 'text/plain' }, '404 page not found\n')
  if (!isDigest(reference)) return errorAnswer(400, 'DIGEST_INVALID', `"${reference}" is not a digest`)
  return listReferrers(exchange)
}

function listReferrers(exchange: Exchange): Answer {
  const { request, name, repository, reference, switches } = exchange
  const wanted = switches.referrersFilter ? request.query.get('artifactType') : null
  const all = repository.referrersOf(reference)
  const matching = wanted === null ? all : all.filter((entry) => entry.artifactType === wanted)
  const first = Number(request.query.get('from') ?? 0)
  const end = first + switches.pageSize
  const filter = wanted === null ? '' : `&artifactType=${encodeURIComponent(wanted)}`
  return indexAnswer(matching.slice(first, end), {
    ...(wanted !== null && { 'oci-filters-applied': 'artifactType' }),
    ...(end < matching.length && linkTo(`/v2/${name}/referrers/${reference}?from=${end}${filter}`, exchange)),
  })
}

function indexAnswer(manifests: readonly unknown[], headers: Readonly<Record<string, string>> = {}): Answer {
  const index = { schemaVersion: 2, mediaType: MEDIA_TYPES.ociIndex, manifests }
  return jsonAnswer(200, index, { 'content-type': MEDIA_TYPES.ociIndex, ...headers })
}

function linkTo(next: string, { switches, origins }: Exchange): { readonly link: string } {
  return { link: `<${switches.absoluteLinks ? origins.registry : ''}${next}>; rel="next"` }
}
