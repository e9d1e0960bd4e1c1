import type { KeyObject } from 'node:crypto'
import type { CosignCommand, CosignProgram } from '../cosign/cosign-program.ts'
import { PromotionError } from '../errors.ts'
import type { Secret } from '../inputs/secret.ts'
import type { KeySource, RemoteKey } from '../inputs/settings.ts'
import type { Digest } from '../oci/digest.ts'
import { formatReference } from '../oci/reference.ts'
import { keySigner } from '../policy/make-demand.ts'
import type { TrustedSigner } from '../policy/trusted-signer.ts'
import type { TargetRepository } from '../registry/repository.ts'
import type { SignatureForm } from '../verify/verifier.ts'
import { serviceArguments } from './cosign-services.ts'
import type { CredentialSource } from './credential.ts'
import type { IdentityToken } from './identity-token.ts'
import type { WitnessPlan } from './witness-plan.ts'

/** What the cosign binary signs with. */
export type CosignCredential = CosignKey | CosignIdentity

export interface CosignKey {
  readonly by: 'key'
  readonly key: KeySource | RemoteKey
  readonly password: Secret
  readonly publicKey: KeyObject
}

/** A certificate that cosign asks for itself, a new one each time. */
export interface CosignIdentity {
  readonly by: 'keyless'
  readonly fulcio: URL
  /** A token for one certificate. */
  readonly token: () => Promise<IdentityToken>
  /** Whom the certificate authority sees behind such a token: what cosign's own certificates will say is not known before it signs. */
  readonly source: Pick<CredentialSource, 'identity'>
}

/** How this run signs through the cosign binary. */
export interface CosignSigningOptions {
  readonly cosign: CosignProgram
  readonly credential: CosignCredential
  readonly witnesses: WitnessPlan
  /** The text of a trusted root; asked for only where a signature needs more than a key. */
  readonly trustedRoot: () => Promise<string>
}

/** A command of cosign's that signs, without what it is about. */
export interface SigningWork extends Pick<CosignCommand, 'files'> {
  readonly name: 'sign' | 'attest'
  readonly form: SignatureForm
  readonly flags: readonly string[]
}

const KEY_VARIABLE = 'SIGNED_PROMOTE_KEY'
const TOKEN_VARIABLE = 'SIGSTORE_ID_TOKEN'

/** Everything about signing with cosign that is the same for signatures and for attestations. */
export class CosignSigning {
  readonly #options: CosignSigningOptions

  constructor(options: CosignSigningOptions) {
    this.#options = options
  }

  identity(): Promise<TrustedSigner> {
    const { credential, witnesses } = this.#options
    if (credential.by === 'keyless') return credential.source.identity(witnesses.evidence)
    return Promise.resolve({ ...keySigner(credential.publicKey), ...witnesses.evidence })
  }

  /** Runs one process on one image. Throws a PromotionError of kind `signing` with cosign's last words. */
  async run({ name, form, flags, files }: SigningWork, digest: Digest, repository: TargetRepository) {
    const { cosign, credential, witnesses, trustedRoot } = this.#options
    const fulcio = credential.by === 'keyless' ? credential.fulcio : undefined
    const services = await serviceArguments(form, { fulcio, witnesses: witnesses[form], trustedRoot })
    await cosign.run({
      name,
      flags: [
        ...services.flags,
        '--yes',
        `--new-bundle-format=${form === 'bundle'}`,
        ...credentialFlags(credential),
        ...flags,
      ],
      files: { ...services.files, ...files },
      secrets: await secretsOf(credential),
      keyUri: credential.by === 'key' && 'uri' in credential.key ? credential.key.uri : undefined,
      image: formatReference({ repository: repository.name, digest }),
      repository: repository.name,
    })
  }
}

function credentialFlags(credential: CosignCredential): readonly string[] {
  // Named, so that no other place is asked for a token.
  if (credential.by === 'keyless') return ['--oidc-provider=envvar']
  const { key } = credential
  if ('uri' in key) return [`--key=${key.uri}`]
  return [`--key=${'path' in key ? key.path : `env://${KEY_VARIABLE}`}`]
}

/** In the environment of the child; the password is always there, because without one cosign asks for it. */
async function secretsOf(credential: CosignCredential): Promise<Readonly<Record<string, string>>> {
  if (credential.by === 'keyless') {
    const { text } = await credential.token()
    if (text !== '') return { COSIGN_PASSWORD: '', [TOKEN_VARIABLE]: text }
    // cosign would print a web address and wait for somebody to open it.
    throw new PromotionError('signing', 'The identity token to sign with is empty', {
      hint: 'Check what gives `identity-token`, or leave it out in a job that may have one.',
    })
  }
  const { key, password } = credential
  return { COSIGN_PASSWORD: password.reveal(), ...('text' in key && { [KEY_VARIABLE]: key.text.reveal() }) }
}
