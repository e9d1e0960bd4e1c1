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
    ...(signature === undefined ? [] : lackingOf('signature', signature, signersOf(judgements, undefined))),
    ...attestations.flatMap(({ predicateType, by }) =>
      lackingOf(`attestation ${predicateType}`, by, signersOf(judgements, predicateType)),
    ),
  ]
  // A demand of nothing must not be taken for one that is satisfied.
  const isSatisfied = lacking.length === 0 && judgements.some(({ counts }) => counts)
  return isSatisfied || lacking.length > 0 ? lacking : ['no signature that counts']
}

function signersOf(
  judgements: readonly Judgement[],
  predicateType: string | undefined,
): ReadonlySet<TrustedSigner> {
  const same = judgements.filter((judgement) => judgement.predicateType === predicateType)
  return new Set(same.flatMap(({ counts, by }) => (counts ? by : [])))
}

function lackingOf(
  what: string,
  { of, signers }: SignerChoice,
  found: ReadonlySet<TrustedSigner>,
): readonly string[] {
  // All of nobody would be no one who is missing.
  if (signers.length === 0) return [`no ${what} that counts`]
  const absent = signers.filter((signer) => !found.has(signer)).map(nameOfSigner)
  if (of === 'all') return absent.map((name) => `no ${what} by ${name}`)
  return absent.length < signers.length ? [] : [`no ${what} by ${absent.join(' or ')}`]
}
