import type { TrustMaterial } from '@sigstore/verify'
import type { CertificateSigner, TrustedSigner } from '../policy/trusted-signer.ts'
import { type CertificateIdentity, certificateIdentity } from '../sigstore/certificate-identity.ts'
import { checkSignature } from './check-signature.ts'
import { quote } from './judgement.ts'
import { nameOfKey } from './name-of-signer.ts'
import type { OpenSignature, Signed } from './open-signature.ts'

/** Who is proven to have signed, in words; or why the signature is not by the signer that was asked for. */
export type Signatory = { readonly who: string } | { readonly problem: string }

/** What a signature was made with, as it is said in reasons. */
const MADE_WITH = { key: 'a key', certificate: 'a certificate' } as const

/**
 * Whether a signature is by this signer: its kind first, then the signature with the evidence that is asked for, then whom the certificate
 * names. What was signed is not looked at.
 */
export function judgeSigner(
  { by, signed, evidence }: OpenSignature,
  signer: TrustedSigner,
  trust: TrustMaterial,
): Signatory {
  if (by !== signer.by) {
    const problem = `it was made with ${MADE_WITH[by]}, and the policy asks for ${MADE_WITH[signer.by]}`
    return { problem }
  }
  if (typeof signed === 'string') return { problem: signed }
  const problem = checkSignature(signed.entity, evidence, signer, trust)
  if (problem !== undefined) return { problem }
  return signer.by === 'key' ? { who: nameOfKey(signer.publicKey) } : judgeIdentity(signed, signer)
}

function judgeIdentity({ certificate }: Signed, signer: CertificateSigner): Signatory {
  const named = readIdentity(certificate)
  if (typeof named === 'string') return { problem: named }
  if (named.identity === '' || named.issuer === '') {
    return { problem: 'its certificate names no identity, or no issuer of it' }
  }
  const who = `${quote(named.identity)} (issuer ${quote(named.issuer)})`
  const mismatch = mismatchOf(named, signer)
  return mismatch === undefined ? { who } : { problem: `it is signed by ${who}, but ${mismatch}` }
}

function mismatchOf(
  named: CertificateIdentity,
  { identity, issuer, workflow }: CertificateSigner,
): string | undefined {
  if (!identity.matches(named.identity)) return `the identity has to ${wanted(identity)}`
  if (!issuer.matches(named.issuer)) return `the issuer has to ${wanted(issuer)}`
  const claims = new Map(Object.entries(named.workflow))
  for (const [claim, value] of Object.entries(workflow)) {
    const actual = claims.get(claim)
    if (actual !== value) {
      return `its certificate says ${quote(actual)} of the workflow's ${claim}, which has to be ${quote(value)}`
    }
  }
  return undefined
}

function wanted({ kind, text }: CertificateSigner['identity']): string {
  return `${kind === 'exact' ? 'be' : 'match'} ${quote(text)}`
}

/** The certificate is trusted by now, but who asked for it may have had odd things written into it. */
function readIdentity(certificate: Uint8Array = new Uint8Array()): CertificateIdentity | string {
  try {
    return certificateIdentity(certificate)
  } catch (error) {
    if (error instanceof Error) return `whom its certificate names cannot be read: ${quote(error.message)}`
    throw error
  }
}
