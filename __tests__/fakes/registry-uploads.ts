import { randomUUID } from 'node:crypto'
import { algorithmOf, digestOf, isDigest } from '../../src/oci/digest.ts'
import { type Answer, answer, type Exchange, errorAnswer, underAnotherName } from './registry-exchange.ts'

/** `/v2/<name>/blobs/uploads/[<session>]` (OCI distribution specification, "Pushing blobs", "Mounting"). */
export function answerUpload(exchange: Exchange): Answer {
  const { request, reference, repository, switches } = exchange
  if (reference === '') return request.method === 'POST' ? begin(exchange) : answer(405)
  const chunks = repository.uploads.get(reference)
  if (!chunks) return errorAnswer(404, 'BLOB_UPLOAD_UNKNOWN', `no upload session ${reference}`)
  const wantsState = !['relative', 'absolute'].includes(switches.uploadLocation)
  if (wantsState && request.query.get('_state') !== stateOf(reference)) {
    return errorAnswer(400, 'BLOB_UPLOAD_INVALID', 'the query of the Location was not kept')
  }
  switch (request.method) {
    case 'GET':
      return progress(exchange, reference, 204)
    case 'PATCH':
      return append(exchange, chunks)
    case 'PUT':
      return finish(exchange, chunks)
    case 'DELETE':
      repository.uploads.delete(reference)
      return answer(204)
    default:
      return answer(405)
  }
}

function begin(exchange: Exchange): Answer {
  const { request, name, repository, switches } = exchange
  if (!switches.createsRepositories && repository.isEmpty) {
    return errorAnswer(404, 'NAME_UNKNOWN', `The repository with name '${name}' does not exist`)
  }
  const mounted = request.query.get('mount')
  if (mounted !== null && switches.mount === 'missing')
    return errorAnswer(404, 'BLOB_UNKNOWN', 'no mounts here')
  if (mounted !== null && switches.mount === 'normal') {
    const from = exchange.store.repository(request.query.get('from') ?? '')
    const blob = from.blobs.get(mounted)
    if (blob && isDigest(mounted)) {
      repository.putBlob(blob, mounted)
      return created(exchange, mounted)
    }
  }
  if (request.query.has('digest')) return store(exchange, request.body)
  const session = randomUUID()
  repository.uploads.set(session, [])
  return progress(exchange, session, 202)
}

function append(exchange: Exchange, chunks: Buffer[]): Answer {
  const { request, reference } = exchange
  if (isOutOfOrder(exchange, chunks)) return progress(exchange, reference, 416)
  chunks.push(request.body)
  return progress(exchange, reference, 202)
}

/** Whether a chunk says that it does not begin where the last one ended. */
function isOutOfOrder({ request }: Exchange, chunks: readonly Buffer[]): boolean {
  const range = /^(?:bytes )?(\d+)-(\d+)/.exec(request.headers['content-range'] ?? '')
  return range !== null && Number(range[1]) !== sizeOf(chunks)
}

function finish(exchange: Exchange, chunks: readonly Buffer[]): Answer {
  const { request, repository, reference } = exchange
  if (isOutOfOrder(exchange, chunks)) return progress(exchange, reference, 416)
  const stored = store(exchange, Buffer.concat([...chunks, request.body]))
  // Distribution gives a session up with the PUT that closes it, even when its digest is wrong.
  repository.uploads.delete(reference)
  return stored
}

function store(exchange: Exchange, bytes: Buffer): Answer {
  const digest = exchange.request.query.get('digest') ?? ''
  if (!isDigest(digest) || digestOf(bytes, algorithmOf(digest)) !== digest) {
    return errorAnswer(400, 'DIGEST_INVALID', 'provided digest did not match uploaded content')
  }
  exchange.repository.putBlob(bytes, digest)
  return created(exchange, digest)
}

function created({ name, switches }: Exchange, digest: string): Answer {
  return answer(201, {
    location: `/v2/${name}/blobs/${digest}`,
    ...(switches.digestHeader && { 'docker-content-digest': digest }),
  })
}

/** How far a session is, and where it goes on. */
function progress(exchange: Exchange, session: string, status: number): Answer {
  const size = sizeOf(exchange.repository.uploads.get(session) ?? [])
  return answer(status, {
    location: locationOf(exchange, session),
    'docker-upload-uuid': session,
    range: `0-${Math.max(size - 1, 0)}`,
  })
}

function locationOf({ name, switches, origins }: Exchange, session: string): string {
  const path = `/v2/${name}/blobs/uploads/${session}`
  switch (switches.uploadLocation) {
    case 'relative':
      return path
    case 'absolute':
      return `${origins.registry}${path}`
    case 'query':
      return `${path}?_state=${encodeURIComponent(stateOf(session))}&part=1`
    case 'elsewhere':
      return `${origins.elsewhere}${path}?_state=${encodeURIComponent(stateOf(session))}`
    case 'another host':
      return `${underAnotherName(origins.elsewhere)}${path}?_state=${encodeURIComponent(stateOf(session))}`
  }
}

/** Holds characters that a client loses when it takes the query for plain text. */
function stateOf(session: string): string {
  return `${session.slice(0, 8)}+of/upload=`
}

function sizeOf(chunks: readonly Buffer[]): number {
  return chunks.reduce((sum, chunk) => sum + chunk.byteLength, 0)
}
