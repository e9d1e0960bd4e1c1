import type { SignedDemand, SignerChoice } from '../policy/policy.ts'
import type { TrustedSigner } from '../policy/trusted-signer.ts'
import type { Judgement } from './judgement.ts'
import { nameOfSigner } from './name-of-signer.ts'

/** What a demand asks for and none of these provides, one sentence each. */
export function findLacking(
  { signature, attestations }: SignedDemand,
  judgements: readonly Judgement[],
): readonly string[] {
  const lacking = [
    ...(signature === undefined ? [] : lackingOf('signature', signature, counting(judgements, undefined))),
    ...attestations.flatMap(({ predicateType, by }) =>
      lackingOf(`attestation ${predicateType}`, by, counting(judgements, predicateType)),
    ),
  ]
  if (lacking.length > 0) return lacking
  // A demand of nothing must not be taken for one that is satisfied.
  return judgements.some(({ counts }) => counts) ? [] : ['no signature that counts']
}

function counting(judgements: readonly Judgement[], predicateType: string | undefined): readonly Judgement[] {
  return judgements.filter((one) => one.counts && one.predicateType === predicateType)
}

function lackingOf(
  what: string,
  { of, signers }: SignerChoice,
  found: readonly Judgement[],
): readonly string[] {
  // All of nobody would be no one who is missing.
  if (signers.length === 0) return [`no ${what} that counts`]
  if (of === 'all') return missingOf(signers, found).map((signer) => `no ${what} by ${nameOfSigner(signer)}`)
  const isFound = found.some(({ by }) => by.some((signer) => signers.includes(signer)))
  return isFound ? [] : [`no ${what} by ${signers.map(nameOfSigner).join(' or ')}`]
}

/** Those for whom nobody is left when each is somebody else: one identity that two of them describe is one (a matching in a bipartite graph). */
function missingOf(signers: readonly TrustedSigner[], found: readonly Judgement[]): readonly TrustedSigner[] {
  const takenBy = new Map<string, TrustedSigner>()
  const seat = (signer: TrustedSigner, tried: Set<string>): boolean => {
    for (const { by, who } of found) {
      if (!by.includes(signer) || tried.has(who)) continue
      tried.add(who)
      const holder = takenBy.get(who)
      if (holder === undefined || seat(holder, tried)) {
        takenBy.set(who, signer)
        return true
      }
    }
    return false
  }
  return signers.filter((signer) => !seat(signer, new Set()))
}
