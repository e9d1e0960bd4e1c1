import { PromotionError } from '../../src/errors.ts'
import type { Descriptor } from '../../src/oci/descriptor.ts'
import { algorithmOf, digestOf, isDigest } from '../../src/oci/digest.ts'
import { blobsOf, MANIFEST_LIMIT, type Manifest, parseManifest } from '../../src/oci/manifest.ts'
import { bareMediaType, isForeignLayer } from '../../src/oci/media-types.ts'
import { isTag } from '../../src/oci/reference.ts'
import { type Answer, answer, type Exchange, errorAnswer, methodRefused } from './registry-exchange.ts'
import type { ManifestRefusal } from './registry-switches.ts'

const IMMUTABLE: ManifestRefusal = {
  status: 409,
  code: 'DENIED',
  message: 'the tag {tag} exists and is immutable',
}

/** `/v2/<name>/manifests/<reference>` (OCI distribution specification, "Pulling", "Pushing" and "Deleting manifests"). */
export function answerManifest(exchange: Exchange): Answer {
  const { request, reference, switches } = exchange
  if (!isDigest(reference) && !isTag(reference)) {
    return errorAnswer(400, 'MANIFEST_INVALID', `"${reference}" is neither a tag nor a digest`)
  }
  switch (request.method) {
    case 'HEAD':
      return switches.manifestHead ? getManifest(exchange) : methodRefused()
    case 'GET':
      return getManifest(exchange)
    case 'PUT':
      return putManifest(exchange)
    case 'DELETE':
      return isDigest(reference) ? deleteManifest(exchange) : deleteTag(exchange)
    default:
      return methodRefused()
  }
}

function getManifest(exchange: Exchange): Answer {
  const { request, repository, reference, switches } = exchange
  const asDigest = switches.tagsAsDigests
    ? reference.replace(/^sha256-([0-9a-f]{64})$/, 'sha256:$1')
    : reference
  const manifest = repository.findManifest(reference) ?? repository.findManifest(asDigest)
  if (!manifest) return unknownManifest(reference)
  if (switches.pulls !== undefined && request.method === 'GET') {
    if (switches.pulls === 0) {
      return errorAnswer(429, 'TOOMANYREQUESTS', 'You have reached your pull rate limit.', rateHeaders(0))
    }
    switches.pulls -= 1
  }
  return answer(
    200,
    {
      ...(switches.pulls !== undefined && rateHeaders(switches.pulls)),
      'content-type': switches.manifestContentType ?? manifest.mediaType,
      ...(switches.digestHeader && { 'docker-content-digest': manifest.digest }),
    },
    manifest.bytes,
  )
}

function putManifest(exchange: Exchange): Answer {
  const { request, name, repository, reference, switches } = exchange
  if (request.body.byteLength > MANIFEST_LIMIT) return errorAnswer(413, 'SIZE_INVALID', 'manifest too large')
  const refused = refusalOf(exchange)
  if (refused) return refused
  const manifest = readManifest(exchange)
  if ('status' in manifest) return manifest
  const digest = digestOf(request.body, isDigest(reference) ? algorithmOf(reference) : 'sha256')
  if (isDigest(reference) && reference !== digest) {
    return errorAnswer(400, 'DIGEST_INVALID', `the body has the digest ${digest}`)
  }
  const missing = findMissing(exchange, manifest)
  if (missing) return errorAnswer(400, 'MANIFEST_BLOB_UNKNOWN', `${missing.digest} is not in ${name}`)
  repository.putManifest(request.body, manifest.descriptor.mediaType, digest)
  if (!isDigest(reference)) repository.tags.set(reference, digest)
  return answer(201, {
    location: `/v2/${name}/manifests/${digest}`,
    ...(switches.digestHeader && { 'docker-content-digest': digest }),
    ...(manifest.subject && switches.referrersApi && { 'oci-subject': manifest.subject.digest }),
  })
}

/** What the registry does not take, whatever it is worth. */
function refusalOf({ request, repository, reference, switches }: Exchange): Answer | undefined {
  const { immutableTags, mutableTags, refusedManifests } = switches
  if (immutableTags && repository.tags.has(reference) && !mutableTags?.test(reference)) {
    const { status, code, message } = immutableTags === true ? IMMUTABLE : immutableTags
    return errorAnswer(status, code, message.replace('{tag}', reference))
  }
  if (!refusedManifests?.matching?.test(request.body.toString())) return undefined
  return errorAnswer(refusedManifests.status, refusedManifests.code, refusedManifests.message)
}

function rateHeaders(left: number): Readonly<Record<string, string>> {
  return { 'ratelimit-limit': '100;w=21600', 'ratelimit-remaining': `${left};w=21600` }
}

/** The body as the manifest its Content-Type says it is, or the answer that refuses it. */
function readManifest({ request }: Exchange): Manifest | Answer {
  const mediaType = bareMediaType(request.headers['content-type'] ?? '')
  try {
    return parseManifest(request.body, mediaType, 'the body')
  } catch (error) {
    if (error instanceof PromotionError) return errorAnswer(400, 'MANIFEST_INVALID', error.message)
    throw error
  }
}

/** The first blob or manifest that a manifest refers to and the repository lacks; its subject may come later. */
function findMissing({ repository }: Exchange, manifest: Manifest): Descriptor | undefined {
  if (manifest.kind === 'index') {
    return manifest.children.find((child) => !repository.manifests.has(child.digest))
  }
  return blobsOf(manifest).find((blob) => !repository.blobs.has(blob.digest) && !isForeignLayer(blob))
}

function deleteManifest({ repository, reference, switches }: Exchange): Answer {
  if (!switches.manifestDeletion) return methodRefused()
  if (!repository.manifests.delete(reference)) return unknownManifest(reference)
  for (const [tag, digest] of repository.tags) {
    if (digest === reference) repository.tags.delete(tag)
  }
  return answer(202)
}

function deleteTag({ repository, reference, switches }: Exchange): Answer {
  if (!switches.tagDeletion) return methodRefused()
  return repository.tags.delete(reference) ? answer(202) : unknownManifest(reference)
}

function unknownManifest(reference: string): Answer {
  return errorAnswer(404, 'MANIFEST_UNKNOWN', `manifest unknown: ${reference}`)
}
