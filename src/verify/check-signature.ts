import { type SignedEntity, type TrustMaterial, VerificationError, Verifier } from '@sigstore/verify'
import { cutText } from '../oci/cut-text.ts'
import { keyFingerprint } from '../oci/signing-key.ts'
import type { TrustedSigner } from '../policy/trusted-signer.ts'
import { entryKey } from './entry-key.ts'
import type { OpenEvidence } from './open-signature.ts'
import { type Evidence, selectEvidence } from './select-evidence.ts'

/** Extended key usage, and the one that Fulcio's certificates have (RFC 5280, section 4.2.1.12). */
const EXTENDED_KEY_USAGE = '2.5.29.37'
const CODE_SIGNING = '1.3.6.1.5.5.7.3.3'
/** How a Sigstore bundle names a key: base64 of a SHA-256. */
const FINGERPRINT = /^[A-Za-z0-9+/]{43}=$/

/** What a code of the library's means to whoever reads the report; its own words are put behind. */
const MEANINGS: Readonly<Record<string, string>> = {
  CERTIFICATE_ERROR: 'its certificate is not trusted',
  TIMESTAMP_ERROR: 'its time is not proven',
  TLOG_ERROR: 'its log entries do not hold',
  TLOG_BODY_ERROR: 'its log entry is not about this signature',
  TLOG_INCLUSION_PROOF_ERROR: 'its log entry is not proven to be in a log of the trusted root',
  TLOG_INCLUSION_PROMISE_ERROR: 'its log entry is not signed by a log of the trusted root',
  TLOG_MISSING_INCLUSION_ERROR: 'its log entry comes without proof',
}

/**
 * Whether a signature and the evidence asked for hold for this signer, as far as cryptography goes: whom a certificate names is not looked
 * at. A sentence when they do not, `undefined` when they do.
 */
export function checkSignature(
  entity: SignedEntity,
  evidence: OpenEvidence,
  signer: TrustedSigner,
  trust: TrustMaterial,
): string | undefined {
  const choices = selectEvidence(evidence, signer)
  if (typeof choices === 'string') return choices
  let problem: string | undefined
  for (const choice of choices) {
    const found = check({ ...entity, ...choice }, choice, signer, trust)
    if (found === undefined) return undefined
    problem ??= found
  }
  return problem
}

function check(
  entity: SignedEntity,
  evidence: Evidence,
  signer: TrustedSigner,
  trust: TrustMaterial,
): string | undefined {
  try {
    const verifier = new Verifier(trustIn(signer, trust), thresholdsFor(signer, evidence))
    const { key } = verifier.verify(entity)
    // The library compares the signature and what it is over, but not who is said to have made it.
    if (!entity.tlogEntries.every((entry) => entryKey(entry)?.equals(key))) {
      return 'its log entry names another key than the one it is signed with'
    }
    return entity.key.$case === 'certificate' ? problemOfUsage(entity.key.certificate) : undefined
  } catch (error) {
    if (error instanceof VerificationError) return explain(error, signer, entity)
    // What the library reads is written by whoever may push to the registry: it meets all kinds of errors in it.
    if (error instanceof Error) return `it cannot be read: ${inOneLine(error.message)}`
    throw error
  }
}

function thresholdsFor(signer: TrustedSigner, { tlogEntries, timestamps }: Evidence) {
  return {
    ctlogThreshold: signer.by === 'key' ? 0 : 1,
    tlogThreshold: tlogEntries.length > 0 ? 1 : 0,
    timestampThreshold: signer.by === 'certificate' || timestamps.length > 0 ? 1 : 0,
  }
}

/** With a key there is no other one; with a certificate there is none. */
function trustIn(signer: TrustedSigner, trust: TrustMaterial): TrustMaterial {
  const publicKey = () => {
    if (signer.by === 'key') return { publicKey: signer.publicKey, validFor: () => true }
    throw new Error('a certificate was expected')
  }
  return { ...trust, publicKey }
}

type Certificate = Extract<SignedEntity['key'], { readonly $case: 'certificate' }>['certificate']

/** The library does not look at it, cosign does: an authority may issue certificates for other purposes, too. */
function problemOfUsage(certificate: Certificate): string | undefined {
  const usages = certificate.extension(EXTENDED_KEY_USAGE)?.valueObj.subs[0]?.subs ?? []
  const signsCode = usages.some((usage) => usage.toOID() === CODE_SIGNING)
  return signsCode ? undefined : 'its certificate is not one for signing code'
}

function explain(error: VerificationError, signer: TrustedSigner, { key }: SignedEntity): string {
  const { code, message, cause } = error
  if (code === 'SIGNATURE_ERROR') {
    const whose = signer.by === 'key' ? 'the key of the policy' : 'the key of its certificate'
    return `the signature is not by ${whose}, or what it signs was changed${otherKey(signer, key)}`
  }
  const why: unknown = cause
  const words = why instanceof Error ? `${message}: ${why.message}` : message
  return `${MEANINGS[code] ?? 'it does not hold'} (${inOneLine(words)})`
}

/** Which key made the signature, as a Sigstore bundle says; nothing where it says nothing, or names the key of the policy. */
function otherKey(signer: TrustedSigner, key: SignedEntity['key']): string {
  if (signer.by !== 'key' || key.$case !== 'public-key' || !FINGERPRINT.test(key.hint)) return ''
  return key.hint === keyFingerprint(signer.publicKey)
    ? ''
    : `; it names the key sha256:${key.hint} as its maker`
}

/** The words of an error, which may quote what somebody else wrote. */
function inOneLine(words: string): string {
  return cutText(JSON.stringify(words).slice(1, -1))
}
