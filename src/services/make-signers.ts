import { createPublicKey } from 'node:crypto'
import { PromotionError } from '../errors.ts'
import { nameOfKey, readKey } from '../inputs/read-key.ts'
import type { KeylessSigningSettings, KeySigningSettings, SigningSettings } from '../inputs/settings.ts'
import { CosignAttester } from '../sign/cosign-attester.ts'
import { CosignSigner } from '../sign/cosign-signer.ts'
import type { CosignCredential, CosignSigningOptions } from '../sign/cosign-signing.ts'
import type { CredentialSource } from '../sign/credential.ts'
import { formsOf } from '../sign/forms-of.ts'
import { FulcioCredential } from '../sign/fulcio-credential.ts'
import { type IdentityToken, identityToken, requireIdentityToken } from '../sign/identity-token.ts'
import { KeyCredential } from '../sign/key-credential.ts'
import { NativeAttester } from '../sign/native-attester.ts'
import { NativeSigner } from '../sign/native-signer.ts'
import { parsePrivateKey, requireCosignForm } from '../sign/private-key.ts'
import { RecursiveSigner } from '../sign/recursive-signer.ts'
import { requestIdentityToken } from '../sign/request-identity-token.ts'
import { SignatureMaker } from '../sign/signature-maker.ts'
import type { ImageAttester, ImageSigner } from '../sign/signer.ts'
import { refuseUntrustedTrigger } from '../sign/untrusted-trigger.ts'
import { planWitnesses } from '../sign/witness-plan.ts'
import { findSigningServices } from '../sigstore/find-signing-services.ts'
import type { SigningServices } from '../sigstore/signing-services.ts'
import type { SignatureForm, SignatureVerifier } from '../verify/verifier.ts'
import { readPublicKey } from './make-policy.ts'
import type { Toolbox } from './toolbox.ts'

/** Who signs in a run: what, is for each to say. */
export interface Signers {
  readonly signer: ImageSigner | undefined
  readonly attester: ImageAttester | undefined
}

/** Somebody who signs, and how. */
export type Signing = KeySigningSettings | KeylessSigningSettings

/** What signers are made with, besides the toolbox. */
export interface SignerServices {
  /** Knows which signatures stand already. */
  readonly verifier: SignatureVerifier
  warn(message: string): void
}

const UNLOGGED =
  'The new signatures under the .sig tag have no entry in the transparency log, because they cannot hold one of version 2 of Rekor: they count only where none is asked for; `signature-format: bundle` leaves them out'

/**
 * Makes those who sign images and attest to promotions, as the settings ask. Throws PromotionErrors of kind `input` for keys, files, services
 * and binaries that cannot be used, and in a run that an outsider may have started.
 */
export async function makeSigners(
  signing: SigningSettings,
  toolbox: Toolbox,
  { verifier, warn }: SignerServices,
): Promise<Signers> {
  if (signing.by === 'nobody') return { signer: undefined, attester: undefined }
  if (!toolbox.settings.allowUntrustedTrigger) await refuseUntrustedTrigger(toolbox.environment)
  if (signing.by === 'keyless')
    requireIdentityToken({ given: signing.identityToken, environment: toolbox.environment })
  const services = await findSigningServices(signing, toolbox.settings.sigstore, {
    targets: () => toolbox.targets(),
    mayBePlain: (url) => toolbox.mayBePlain(url),
  })
  const { signs, annotations, format, signer } = signing
  const witnesses = planWitnesses({ ...signing, forms: writtenForms(signing) }, services)
  if (signing.transparency === 'where possible' && witnesses.evidence.transparency === 'none') warn(UNLOGGED)
  if (signer === 'native') {
    const source = await nativeSource(signing, services, toolbox)
    const maker = new SignatureMaker(source, { plan: witnesses, http: toolbox.http })
    return {
      signer: imageSigner(signing, () => new NativeSigner({ maker, annotations, format, verifier })),
      attester: signs.promotions ? new NativeAttester(maker) : undefined,
    }
  }
  const { program: cosign } = await toolbox.cosign()
  const credential = await cosignCredential(signing, services, toolbox)
  const trustedRoot = () => toolbox.trustedRootText()
  const options: CosignSigningOptions = { cosign, credential, witnesses, trustedRoot }
  return {
    signer: imageSigner(signing, () => new CosignSigner({ ...options, annotations, format, verifier })),
    attester: signs.promotions ? new CosignAttester(options) : undefined,
  }
}

function imageSigner({ signs, recursive }: Signing, make: () => ImageSigner): ImageSigner | undefined {
  if (!signs.images) return undefined
  return recursive ? new RecursiveSigner(make()) : make()
}

/** Statements are always bundles. */
function writtenForms({ signs, format }: Signing): readonly SignatureForm[] {
  const forms = signs.images ? formsOf(format) : []
  return signs.promotions && !forms.includes('bundle') ? ['bundle', ...forms] : forms
}

async function nativeSource(
  signing: Signing,
  services: SigningServices,
  toolbox: Toolbox,
): Promise<CredentialSource> {
  if (signing.by === 'keyless') return fulcioSource(signing, services, toolbox)
  return new KeyCredential(await readPrivateKey(signing))
}

async function cosignCredential(
  signing: Signing,
  services: SigningServices,
  toolbox: Toolbox,
): Promise<CosignCredential> {
  if (signing.by === 'keyless') {
    const source = fulcioSource(signing, services, toolbox)
    return { by: 'keyless', fulcio: fulcioOf(services), token: tokenSource(signing, toolbox), source }
  }
  const { key, password } = signing
  if ('uri' in key) return { by: 'key', key, password, publicKey: await readPublicKey(key, toolbox) }
  requireCosignForm(await readKey(key), nameOfKey(key))
  return { by: 'key', key, password, publicKey: createPublicKey(await readPrivateKey(signing)) }
}

async function readPrivateKey({ key, password }: KeySigningSettings) {
  if ('uri' in key) throw new PromotionError('internal', `only cosign reaches the key ${key.uri}`)
  return parsePrivateKey(await readKey(key), password.reveal(), nameOfKey(key))
}

function fulcioSource(
  signing: KeylessSigningSettings,
  services: SigningServices,
  toolbox: Toolbox,
): FulcioCredential {
  const token = tokenSource(signing, toolbox)
  // A policy of the inputs may ask for the very commit; the run's own signer is whoever its workflow is.
  const isBoundToRun = !['signer', 'list'].includes(toolbox.settings.verification.by)
  return new FulcioCredential({ fulcio: fulcioOf(services), http: toolbox.http, token, isBoundToRun })
}

function tokenSource({ identityToken: given }: KeylessSigningSettings, toolbox: Toolbox) {
  const { around, environment } = toolbox
  return (): Promise<IdentityToken> =>
    identityToken({
      given,
      environment,
      getToken: () => around.getIdentityToken?.() ?? requestIdentityToken(toolbox.http, environment),
      onSecret: (secret) => toolbox.hide(secret),
      redact: (text) => toolbox.redact(text),
    })
}

/** Whoever planned the witnesses has made sure that there is one. */
function fulcioOf({ fulcio }: SigningServices): URL {
  if (fulcio === undefined) throw new PromotionError('internal', 'there is no certificate authority')
  return fulcio
}
