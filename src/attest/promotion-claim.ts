import { isDeepStrictEqual } from 'node:util'
import type { JsonObject } from '../oci/descriptor.ts'
import { algorithmOf, type Digest, hexOf } from '../oci/digest.ts'
import type { PinnedReference } from '../oci/reference.ts'
import { resourceUri, VERIFICATION_SUMMARY } from '../oci/verification-summary.ts'
import { wholeSeconds } from '../oci/whole-seconds.ts'
import type { Claim } from '../sign/signer.ts'

/** What is the same for all images of a run. */
export interface PromotionFacts {
  /** A URI: who verified. */
  readonly verifier: string
  /** Of this program. */
  readonly version: string
  readonly policy: { readonly name: string; readonly digest: Digest }
  /** Of what the run was to promote, and where to. */
  readonly plan: Digest
  /** The URL of the workflow's run; undefined in a terminal. */
  readonly run: string | undefined
  readonly verifiedAt: Date
}

/** One image that was promoted to one target. */
export interface PromotedImage {
  readonly source: PinnedReference
  readonly target: PinnedReference
  /** The manifests of the signatures and attestations that counted. */
  readonly evidence: readonly Digest[]
}

/** Fields of our own carry a prefix (SLSA, "Parsing rules"). */
const OWN = { source: 'signedPromote_source', plan: 'signedPromote_plan', run: 'signedPromote_run' } as const

/** What an attested promotion says of an image at a target. */
export function formatPromotionClaim(image: PromotedImage, facts: PromotionFacts): Claim {
  const { verifier, version, policy, plan, run, verifiedAt } = facts
  const { repository } = image.source
  return {
    predicateType: VERIFICATION_SUMMARY,
    predicate: {
      verifier: { id: verifier, version: { 'signed-promote': version } },
      timeVerified: wholeSeconds(verifiedAt),
      resourceUri: resourceUri(image.target),
      policy: { name: policy.name, digest: digestSet(policy.digest) },
      inputAttestations: image.evidence.map((digest) => ({
        uri: resourceUri({ repository, digest }),
        digest: digestSet(digest),
      })),
      verificationResult: 'PASSED',
      // Who signed was verified, and not how the image was built.
      verifiedLevels: ['SLSA_BUILD_LEVEL_UNEVALUATED'],
      slsaVersion: '1.1',
      [OWN.source]: resourceUri(image.source),
      [OWN.plan]: plan,
      ...(run !== undefined && { [OWN.run]: run }),
    },
  }
}

/** Whether two claims say the same, whenever, in whichever run and by whichever version of this program they were made. */
export function isSameClaim(one: JsonObject, other: JsonObject): boolean {
  return isDeepStrictEqual(withoutOccasion(one), withoutOccasion(other))
}

function withoutOccasion({ timeVerified: _, [OWN.run]: __, verifier, ...rest }: JsonObject): JsonObject {
  const id = typeof verifier === 'object' && verifier !== null && 'id' in verifier ? verifier.id : undefined
  return { ...rest, verifier: id }
}

function digestSet(digest: Digest): JsonObject {
  return { [algorithmOf(digest)]: hexOf(digest) }
}
