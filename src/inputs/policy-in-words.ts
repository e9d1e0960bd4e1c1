import type { Annotations } from '../oci/descriptor.ts'
import type { TextMatch } from '../policy/text-match.ts'
import type { WorkflowClaims } from '../policy/trusted-signer.ts'
import { nameOfKey } from './read-key.ts'
import type { Settings, SigningSettings, VerificationSettings } from './settings.ts'

/** A text as written, and whether it is the whole value or an expression for it. */
export type MatchInWords = Pick<TextMatch, 'text' | 'kind'>

/** Who has to have signed, for reports. */
export interface PolicyInWords {
  /** `list`: whoever the list says of each image. */
  readonly by: 'nobody' | 'key' | 'certificate' | 'policy' | 'list'
  /** The path, the `env://` name or the URI of the public key; left out when the policy is the run's own signer. */
  readonly key?: string
  /** The public key itself in PEM, as soon as it has been read. */
  readonly publicKey?: string
  /** Whom a certificate must name, and who must have vouched for that; of the run's own signer left out until it has a certificate. */
  readonly identity?: MatchInWords
  readonly issuer?: MatchInWords
  /** What a certificate must say of the workflow; left out when that may be anything. */
  readonly workflow?: WorkflowClaims
  /** The path of the file with the roots that certificates and evidence are judged by; left out where they are published, or not needed. */
  readonly trustedRoot?: string
  /** The TUF repository that hands them out, and the path of its root.json; left out for the public one. */
  readonly tuf?: { readonly mirror: string; readonly root: string }
  /** The path of the policy file, which says all the rest. */
  readonly file?: string
  readonly requireAnnotations: Annotations
  /** What has to come with a signature; left out when that is nothing. */
  readonly transparency?: 'rekor'
  readonly timestamp?: 'required'
  /** The types of the attestations that every image must have; left out when there are none. */
  readonly requireAttestations?: readonly string[]
}

/** A policy in the words of the inputs; a run that is its own signer has nobody to name. */
export function policyInWords({
  compose,
  verification,
  signing,
  sigstore: { trustedRoot, tufMirror: mirror, tufRoot: root },
}: Pick<Settings, 'compose' | 'verification' | 'signing' | 'sigstore'>): PolicyInWords {
  // Whatever the inputs say, the list may say otherwise.
  if (compose.files.length > 0) return { by: 'list', requireAnnotations: {} }
  const words = signerInWords(verification, signing)
  const needsRoot =
    words.by === 'certificate' || words.transparency !== undefined || words.timestamp !== undefined
  if (!needsRoot) return words
  if (trustedRoot !== undefined) return { ...words, trustedRoot }
  return mirror !== undefined && root !== undefined ? { ...words, tuf: { mirror, root } } : words
}

function signerInWords(verification: VerificationSettings, signing: SigningSettings): PolicyInWords {
  switch (verification.by) {
    case 'nobody':
      return { by: 'nobody', requireAnnotations: {} }
    case 'policy':
      return { by: 'policy', file: verification.path, requireAnnotations: {} }
    case 'list':
      return { by: 'list', requireAnnotations: {} }
    case 'signer':
      return { by: signing.by === 'keyless' ? 'certificate' : 'key', ...required(verification) }
    case 'key':
      return { by: 'key', key: nameOfKey(verification.publicKey), ...required(verification) }
    case 'certificate':
      return { by: 'certificate', ...certificate(verification), ...required(verification) }
  }
}

type Demanding = Exclude<VerificationSettings, { by: 'nobody' | 'policy' }>

function required({ requireAnnotations, requireAttestations, transparency, timestamp }: Demanding) {
  return {
    requireAnnotations,
    ...(requireAttestations.length > 0 && { requireAttestations }),
    ...(transparency !== 'none' && { transparency }),
    ...(timestamp !== 'none' && { timestamp }),
  }
}

function certificate({ identity, issuer, workflow }: Extract<Demanding, { by: 'certificate' }>) {
  const claims = Object.keys(workflow).length === 0 ? {} : { workflow }
  return { identity: inWords(identity), issuer: inWords(issuer), ...claims }
}

function inWords({ text, kind }: TextMatch): MatchInWords {
  return { text, kind }
}
