import type { Descriptor } from '../oci/descriptor.ts'
import { makeImageManifest } from '../oci/manifest.ts'
import { MEDIA_TYPES } from '../oci/media-types.ts'
import { wholeSeconds } from '../oci/whole-seconds.ts'
import type { TargetRepository } from '../registry/repository.ts'
import { pushBytes } from './push-bytes.ts'

const EMPTY_CONFIG = Buffer.from('{}')

/** Hangs a Sigstore bundle, as bytes of JSON, on an image as a referrer (cosign, specs/BUNDLE_SPEC.md). */
export async function attachBundle(
  bundle: Uint8Array,
  predicateType: string,
  image: Descriptor,
  repository: TargetRepository,
): Promise<void> {
  const referrer = makeImageManifest({
    artifactType: MEDIA_TYPES.sigstoreBundle,
    config: await pushBytes(repository, EMPTY_CONFIG, MEDIA_TYPES.ociEmpty),
    layers: [await pushBytes(repository, bundle, MEDIA_TYPES.sigstoreBundle)],
    subject: image,
    annotations: {
      'dev.sigstore.bundle.content': 'dsse-envelope',
      'dev.sigstore.bundle.predicateType': predicateType,
      'org.opencontainers.image.created': wholeSeconds(new Date()),
    },
  })
  await repository.pushManifest(referrer)
  await repository.listAsReferrer(referrer)
}
