import { makeArtifact } from '../oci/artifact.ts'
import type { Descriptor } from '../oci/descriptor.ts'
import { MEDIA_TYPES } from '../oci/media-types.ts'
import { wholeSeconds } from '../oci/whole-seconds.ts'
import type { TargetRepository } from '../registry/repository.ts'

/** Hangs a Sigstore bundle, as bytes of JSON, on an image as a referrer (cosign, specs/BUNDLE_SPEC.md). */
export async function attachBundle(
  bundle: Uint8Array,
  predicateType: string,
  image: Descriptor,
  repository: TargetRepository,
): Promise<void> {
  const { manifest, blobs } = makeArtifact({
    type: MEDIA_TYPES.sigstoreBundle,
    content: bundle,
    subject: image,
    annotations: {
      'dev.sigstore.bundle.content': 'dsse-envelope',
      'dev.sigstore.bundle.predicateType': predicateType,
      'org.opencontainers.image.created': wholeSeconds(new Date()),
    },
  })
  for (const { descriptor, bytes } of blobs) await repository.pushBlob(descriptor, bytes)
  await repository.pushManifest(manifest)
  await repository.listAsReferrer(manifest)
}
