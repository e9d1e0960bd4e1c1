import assert from 'node:assert/strict'
import { mergeLayers, type SignatureManifest, type WantedLayers } from '../../src/oci/signature-manifest.ts'
import type { BuiltArtifact } from './built-artifact.ts'

/** What a `.sig` or `.att` becomes when the wanted layers are merged into it; there has to be something to add. */
export async function mergedManifest(
  standing: BuiltArtifact | undefined,
  wanted: WantedLayers,
): Promise<SignatureManifest> {
  const merged = await mergeLayers(standing?.manifest, wanted, async ({ digest }) => {
    const config = standing?.blobs.find(({ descriptor }) => descriptor.digest === digest)
    assert.ok(config)
    return config.bytes
  })
  assert.ok(merged)
  return merged
}
