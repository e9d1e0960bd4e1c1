import type { Descriptor } from '../oci/descriptor.ts'
import type { Manifest } from '../oci/manifest.ts'
import type { RepositoryName } from '../oci/reference.ts'

/** A server that copies between its own repositories, so that no layer comes through this machine; its methods throw a PromotionError. */
export interface ServerCopy {
  /** Sees to it that a repository has a blob of the plan. */
  bringBlob(blob: Descriptor, to: RepositoryName): Promise<void>
  /** Writes a manifest of the plan by its digest, when all that it refers to is there; false where the server leaves that to its caller. */
  bringManifest(manifest: Manifest, to: RepositoryName): Promise<boolean>
}
