import type { PolicyInWords } from '../inputs/policy-in-words.ts'
import type { VerificationPolicy } from '../policy/policy.ts'
import type { TextMatch } from '../policy/text-match.ts'
import type { CertificateSigner } from '../policy/trusted-signer.ts'

/** The words with the policy's only signer in them: its key, or whom a certificate names, which of the run's own signer is known late. */
export function nameSigner(words: PolicyInWords, { rules: [rule] }: VerificationPolicy): PolicyInWords {
  const demand = rule?.demand
  const signer = demand?.by === 'signers' ? demand.signature?.signers[0] : undefined
  if (words.by === 'key' && signer?.by === 'key') {
    return { ...words, publicKey: signer.publicKey.export({ type: 'spki', format: 'pem' }).toString() }
  }
  if (words.by !== 'certificate' || words.identity !== undefined || signer?.by !== 'certificate') return words
  return { ...words, ...certificate(signer) }
}

function certificate({ identity, issuer, workflow, transparency }: CertificateSigner) {
  return {
    identity: inWords(identity),
    issuer: inWords(issuer),
    ...(Object.keys(workflow).length > 0 && { workflow }),
    ...(transparency === 'rekor' && { transparency }),
  }
}

function inWords({ text, kind }: TextMatch) {
  return { text, kind }
}
