import { isJsonObject } from '../../src/oci/descriptor.ts'
import { type Answer, answer, type Exchange, errorAnswer, jsonAnswer } from './registry-exchange.ts'
import type { StoredRepository } from './registry-store.ts'

/** `/extensions/v2/<name>/signatures/<digest>`, GPG signatures as OpenShift's registry and Pulp keep them. */
export function answerAtomic({ request, repository, reference, switches }: Exchange): Answer {
  if (switches.atomicSignatures === 'none') return answer(404, {}, '404 page not found\n')
  const isKnown = repository.manifests.has(reference)
  const unknown = () => errorAnswer(404, 'MANIFEST_UNKNOWN', `manifest unknown: ${reference}`)
  const signatures = repository.atomic.get(reference) ?? []
  if (request.method !== 'PUT') return isKnown ? jsonAnswer(200, { signatures }) : unknown()
  if (!isKnown || (switches.atomicSignatures === 'tagged' && !isTagged(repository, reference)))
    return unknown()
  repository.atomic.set(reference, [...signatures, JSON.parse(request.body.toString())])
  return answer(201)
}

/** Whether a tag leads to a manifest, directly or by an index; Pulp calls one that none leads to pending. */
function isTagged(repository: StoredRepository, digest: string): boolean {
  const tagged = [...repository.tags.values()]
  return (
    tagged.includes(digest as (typeof tagged)[number]) ||
    tagged.some((root) => lists(repository, root, digest))
  )
}

function lists(repository: StoredRepository, index: string, digest: string): boolean {
  const json: unknown = JSON.parse(repository.manifests.get(index)?.bytes.toString() ?? '{}')
  const children =
    isJsonObject(json) && Array.isArray(json.manifests) ? json.manifests.filter(isJsonObject) : []
  return children.some((child) => child.digest === digest)
}
