import { discoverGraph } from '../graph/discover-graph.ts'
import type { ImageGraph } from '../graph/image-graph.ts'
import { fallbackTag } from '../oci/attached-tag.ts'
import { isJsonObject, type JsonObject } from '../oci/descriptor.ts'
import type { Manifest } from '../oci/manifest.ts'
import { readJson } from '../oci/read-json.ts'
import type { TrustedSigner } from '../policy/trusted-signer.ts'
import type { SourceRepository } from '../registry/repository.ts'
import type { SignatureVerifier } from '../verify/verifier.ts'

/** More bytes than a statement of ours has. */
const STATEMENT_LIMIT = 1024 * 1024

/** What this signer has attested of an image with this predicate type, and how it is known to be so. */
export interface StandingClaims {
  readonly signer: TrustedSigner
  readonly predicateType: string
  readonly verifier: SignatureVerifier
}

/** The predicates that stand on an image already, each signed by the signer; `copy` is the image as it was seen there a moment ago. */
export async function readStandingClaims(
  copy: ImageGraph,
  repository: SourceRepository,
  { signer, predicateType, verifier }: StandingClaims,
): Promise<readonly JsonObject[]> {
  const { digest } = copy.root.descriptor
  // What others attached to it there was not in question until now.
  const known = {
    manifests: copy.manifests,
    subjects: new Set([digest]),
    tags: new Set([fallbackTag(digest)]),
  }
  const graph = await discoverGraph(repository, digest, known)
  if (graph === undefined) return []
  const attestations = [{ predicateType, by: { of: 'any', signers: [signer] } }] as const
  const demand = { by: 'signers', signature: undefined, requireAnnotations: {}, attestations } as const
  const { signatures } = await verifier.verify(graph, repository, demand)
  const counting = signatures.filter((one) => one.counts && one.predicateType === predicateType)
  const manifests = counting.map(({ manifest }) => graph.manifests.get(manifest))
  const claims = await Promise.all(manifests.map((manifest) => readPredicate(manifest, repository)))
  return claims.filter((claim) => claim !== undefined)
}

/** The predicate in a Sigstore bundle that was verified just now, by the digest of its manifest. */
async function readPredicate(
  manifest: Manifest | undefined,
  repository: SourceRepository,
): Promise<JsonObject | undefined> {
  const layer = manifest?.kind === 'image' ? manifest.layers[0] : undefined
  if (layer === undefined) return undefined
  const { dsseEnvelope } = readJson(await repository.readBlob(layer, STATEMENT_LIMIT)) ?? {}
  if (!isJsonObject(dsseEnvelope) || typeof dsseEnvelope.payload !== 'string') return undefined
  const { predicate } = readJson(Buffer.from(dsseEnvelope.payload, 'base64')) ?? {}
  return isJsonObject(predicate) ? predicate : undefined
}
