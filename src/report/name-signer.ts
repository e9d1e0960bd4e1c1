import type { PolicyInWords } from '../inputs/policy-in-words.ts'
import type { VerificationPolicy } from '../policy/policy.ts'
import type { TextMatch } from '../policy/text-match.ts'

/** The words with the run's own signer in them, who is the policy's only one, as soon as a certificate says who that is. */
export function nameSigner(words: PolicyInWords, { rules: [rule] }: VerificationPolicy): PolicyInWords {
  const demand = rule?.demand
  const signer = demand?.by === 'signers' ? demand.signature?.signers[0] : undefined
  if (words.by !== 'certificate' || words.identity !== undefined || signer?.by !== 'certificate') return words
  return {
    ...words,
    identity: inWords(signer.identity),
    issuer: inWords(signer.issuer),
    ...(Object.keys(signer.workflow).length > 0 && { workflow: signer.workflow }),
    ...(signer.transparency === 'rekor' && { transparency: signer.transparency }),
  }
}

function inWords({ text, kind }: TextMatch) {
  return { text, kind }
}
