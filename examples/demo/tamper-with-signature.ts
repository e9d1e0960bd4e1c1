import type { LockEntry } from '../../__tests__/builders/build-lock.ts'
import type { RegistryServer } from '../../__tests__/fakes/registry-server.ts'
import { attachedTag, fallbackTag } from '../../src/oci/attached-tag.ts'
import { isPinned, parseReference } from '../../src/oci/reference.ts'

/**
 * Does what somebody with write access to the registry can do: removes the Sigstore bundle of an image, and puts another signature
 * into the layer under its `.sig` tag.
 */
export function tamperWithSignature(registry: RegistryServer, { image }: LockEntry): void {
  const reference = parseReference(image)
  if (!isPinned(reference)) throw new Error(`${image} is not pinned`)
  const repository = registry.store.repository(reference.repository.path)
  repository.tags.delete(fallbackTag(reference.digest))
  const tag = attachedTag(reference.digest, 'sig')
  const signatures = repository.findManifest(tag)
  if (signatures === undefined) throw new Error(`${tag} does not exist`)
  const forged = signatures.bytes.toString().replace(/(cosign\/signature":")[^"]+/, `$1${forgery()}`)
  repository.tags.set(tag, repository.putManifest(Buffer.from(forged), signatures.mediaType))
}

function forgery(): string {
  return Buffer.from('not a signature by that key').toString('base64')
}
