import { isDigest } from '../../src/oci/digest.ts'
import { type Answer, answer, type Exchange, errorAnswer, underAnotherName } from './registry-exchange.ts'

/** `/v2/<name>/blobs/<digest>` (OCI distribution specification, "Pulling blobs", "Deleting Blobs"). */
export function answerBlob(exchange: Exchange): Answer {
  const { request, repository, reference, switches, origins, name } = exchange
  if (!isDigest(reference)) return errorAnswer(400, 'DIGEST_INVALID', `"${reference}" is not a digest`)
  const blob = repository.blobs.get(reference)
  if (!blob) return errorAnswer(404, 'BLOB_UNKNOWN', `blob unknown: ${reference}`)
  if (request.method === 'DELETE') {
    repository.blobs.delete(reference)
    return answer(202)
  }
  if (request.method !== 'GET' && request.method !== 'HEAD')
    return errorAnswer(405, 'UNSUPPORTED', 'unsupported')
  if (switches.redirectBlobs && request.method === 'GET') {
    const origin =
      switches.redirectBlobs === 'another host' ? underAnotherName(origins.elsewhere) : origins.elsewhere
    return answer(307, { location: `${origin}/storage/${name}/${reference}?signature=of-its-own` })
  }
  const digestHeader = switches.digestHeader ? { 'docker-content-digest': reference } : undefined
  return sendBytes(blob, request.headers.range, digestHeader)
}

/** Where blobs are redirected to: refuses a request with credentials beside the signature in its query, as object stores do. */
export function answerStorage({ request, repository, reference }: Exchange): Answer {
  const blob = repository.blobs.get(reference)
  if (!blob || !request.query.has('signature')) return answer(403, {}, '<Error>AccessDenied</Error>')
  if (request.headers.authorization !== undefined) {
    return answer(400, {}, '<Error>Only one auth mechanism allowed</Error>')
  }
  return sendBytes(blob, request.headers.range)
}

function sendBytes(blob: Buffer, range: string | undefined, headers: Record<string, string> = {}): Answer {
  const type = { 'content-type': 'application/octet-stream', 'accept-ranges': 'bytes', ...headers }
  const asked = /^bytes=(\d+)-(\d*)$/.exec(range ?? '')
  if (!asked) return { status: 200, headers: type, body: blob }
  const first = Number(asked[1])
  const last = Math.min(asked[2] ? Number(asked[2]) : blob.byteLength - 1, blob.byteLength - 1)
  if (first > last) return answer(416, { 'content-range': `bytes */${blob.byteLength}` })
  const contentRange = { 'content-range': `bytes ${first}-${last}/${blob.byteLength}` }
  return { status: 206, headers: { ...type, ...contentRange }, body: blob.subarray(first, last + 1) }
}
