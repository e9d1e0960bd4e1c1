import { attestPromotions, findUnattested, requireAttested } from '../attest/attest-promotions.ts'
import type { PromotionFacts } from '../attest/promotion-claim.ts'
import type { Digest } from '../oci/digest.ts'
import { keyFingerprint } from '../oci/signing-key.ts'
import type { Plan } from '../plan/plan.ts'
import { nameOfPolicy } from '../policy/name-of-policy.ts'
import { policyDigest } from '../policy/policy-digest.ts'
import type { TrustedSigner } from '../policy/trusted-signer.ts'
import type { ImageAttester } from '../sign/signer.ts'
import { VERSION } from '../version.ts'
import type { Run } from './run.ts'

/** Attests to every promoted image at its targets, where that was asked for, and records the outcomes; `whole` names all that is promoted. */
export async function attest(run: Run, plan: Plan, whole: Digest): Promise<void> {
  const { services, record } = run
  const { attester, reporter } = services
  if (attester === undefined) return
  await reporter.step('Attest to the promotion', async () => {
    const facts = await factsOf(run, whole, attester)
    record.attested = await attestPromotions(plan, record, facts, servicesFor(services, attester))
    requireAttested(plan, record.attested)
  })
}

/** How many statements about the promotion are not at the targets; `whole` names all that is promoted. */
export async function countUnattested(run: Run, plan: Plan, whole: Digest): Promise<number> {
  const { services, record } = run
  const { attester } = services
  if (attester === undefined) return 0
  const facts = await factsOf(run, whole, attester)
  return findUnattested(plan, record.verdicts, facts, servicesFor(services, attester))
}

function servicesFor({ registries, ownVerifier }: Run['services'], attester: ImageAttester) {
  return { attester, verifier: ownVerifier, registries }
}

async function factsOf(
  { services, record }: Run,
  whole: Digest,
  attester: ImageAttester,
): Promise<PromotionFacts> {
  const policy = await services.policy()
  return {
    verifier: asUri(await attester.identity()),
    version: VERSION,
    policy: { name: nameOfPolicy(policy), digest: policyDigest(policy) },
    plan: whole,
    run: services.runUrl,
    verifiedAt: record.startedAt,
  }
}

/** Whoever verified, as a URI: what the certificate names, or the key's digest (RFC 6920). */
function asUri(signer: TrustedSigner): string {
  if (signer.by === 'key') {
    return `ni:///sha-256;${Buffer.from(keyFingerprint(signer.publicKey), 'base64').toString('base64url')}`
  }
  const { text } = signer.identity
  return text.includes('://') ? text : `mailto:${text}`
}
