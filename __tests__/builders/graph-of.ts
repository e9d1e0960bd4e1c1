import assert from 'node:assert/strict'
import type { AttachedArtifact, ImageGraph } from '../../src/graph/image-graph.ts'
import { attachedTag } from '../../src/oci/attached-tag.ts'
import type { Digest } from '../../src/oci/digest.ts'
import type { SourceRepository } from '../../src/registry/repository.ts'

/** The root of an image and what hangs on it directly: as much of a graph as signing and verifying look at. */
export async function graphOf(repository: SourceRepository, image: Digest): Promise<ImageGraph> {
  const root = await repository.fetchManifest(image)
  assert.ok(root)
  const attached: AttachedArtifact[] = []
  const sig = await repository.fetchManifest(attachedTag(image, 'sig'))
  if (sig) attached.push({ subject: image, kind: 'sig', manifest: sig })
  for (const { digest } of await repository.listReferrers(image)) {
    const manifest = await repository.fetchManifest(digest)
    if (manifest) attached.push({ subject: image, kind: 'referrer', manifest })
  }
  const manifests = [root, ...attached.map(({ manifest }) => manifest)]
  return {
    root,
    manifests: new Map(manifests.map((manifest) => [manifest.descriptor.digest, manifest])),
    attached,
    warnings: [],
  }
}
