import { createPublicKey } from 'node:crypto'
import { findCosign } from './cosign/find-cosign.ts'
import type { Environment } from './cosign/run-cosign.ts'
import { PromotionError } from './errors.ts'
import { nameOfKey, readKey } from './inputs/read-key.ts'
import type { KeySigningSettings, Settings, VerificationSettings } from './inputs/settings.ts'
import { givenFor } from './registry/credentials.ts'
import { HostLimits } from './registry/host-limits.ts'
import { type RegistryOptions, RemoteRegistries } from './registry/remote-registries.ts'
import type { Registries } from './registry/repository.ts'
import type { Reporter } from './report/reporter.ts'
import { CosignSigner } from './sign/cosign-signer.ts'
import { NativeSigner } from './sign/native-signer.ts'
import { parsePrivateKey, requireCosignForm } from './sign/private-key.ts'
import type { ImageSigner } from './sign/signer.ts'
import { loadJudges, NativeVerifier } from './verify/native-verifier.ts'
import type { VerificationPolicy } from './verify/policy.ts'
import { parsePublicKey } from './verify/public-key.ts'
import type { SignatureVerifier } from './verify/verifier.ts'

/** Everything the commands work with. */
export interface Services {
  readonly reporter: Reporter
  readonly registries: Registries
  /** The same registries for the moving of tags, which goes on when the run is interrupted: half of it would be worse. */
  readonly tagRegistries: Registries
  readonly verifier: SignatureVerifier
  readonly policy: VerificationPolicy
  readonly signer: ImageSigner | undefined
  readonly workingDirectory: string
  readonly signal: AbortSignal
  /** A text without the passwords and tokens that were used so far. */
  redact(text: string): string
  close(): Promise<void>
}

/** What comes from around the program. */
export interface Surroundings {
  readonly environment: Environment
  readonly workingDirectory: string
  readonly signal: AbortSignal
  /** Other times than the product's own for whoever runs it under test. */
  readonly pace?: Pick<RegistryOptions, 'retry' | 'idleTimeout' | 'mergePause'>
}

/** Makes what the settings ask for; the only place that chooses implementations. Throws for keys that cannot be used. */
export async function makeServices(
  settings: Settings,
  reporter: Reporter,
  around: Surroundings,
): Promise<Services> {
  const { environment, signal, pace } = around
  const limits = new HostLimits(settings.concurrency, (host, wait, limit) =>
    reporter.info(`${host} asks for patience: next request in ${inSeconds(wait)}, then ${limit} at a time`),
  )
  const onWarning = (host: string, text: string) => reporter.warn(`${host} warns: ${text}`)
  const shared = { ...pace, environment, limits, onWarning }
  const registries = new RemoteRegistries(settings.registries, { ...shared, signal })
  const tagRegistries = new RemoteRegistries(settings.registries, shared)
  const verifier = new NativeVerifier()
  const signer =
    settings.signing.by === 'nobody'
      ? undefined
      : await makeSigner(settings.signing, settings, verifier, around)
  const policy = await makePolicy(settings.verification, signer)
  // While the first answers are waited for; a failure is thrown where the code is used.
  if (policy.by === 'key') loadJudges().catch(() => undefined)
  return {
    reporter,
    registries,
    tagRegistries,
    verifier,
    signer,
    policy,
    workingDirectory: around.workingDirectory,
    signal,
    redact: (text) => tagRegistries.redact(registries.redact(text)),
    close: async () => {
      await Promise.all([registries.close(), tagRegistries.close()])
    },
  }
}

async function makeSigner(
  signing: KeySigningSettings,
  settings: Settings,
  verifier: SignatureVerifier,
  { environment }: Surroundings,
): Promise<ImageSigner> {
  const { key, password, annotations, format } = signing
  const text = await readKey(key)
  const privateKey = await parsePrivateKey(text, password.reveal(), nameOfKey(key))
  if (signing.signer === 'native') return new NativeSigner({ key: privateKey, annotations, format, verifier })
  requireCosignForm(text, nameOfKey(key))
  const { credentials, insecure } = settings.registries
  const binary = await findCosign(signing.cosignPath, environment)
  return new CosignSigner({
    path: binary.path,
    key,
    password,
    publicKey: createPublicKey(privateKey),
    annotations,
    format,
    verifier,
    environment,
    login: (repository) => givenFor(repository, credentials),
    insecure: (registry) => insecure.includes(registry),
  })
}

async function makePolicy(
  verification: VerificationSettings,
  signer: ImageSigner | undefined,
): Promise<VerificationPolicy> {
  if (verification.by === 'nobody') return { by: 'nobody' }
  const { requireAnnotations } = verification
  if (verification.by === 'key') {
    const text = await readKey(verification.publicKey)
    return {
      by: 'key',
      publicKey: parsePublicKey(text, nameOfKey(verification.publicKey)),
      requireAnnotations,
    }
  }
  if (signer === undefined)
    throw new PromotionError('internal', 'the policy is the signer, and there is none')
  return { by: 'key', publicKey: signer.publicKey, requireAnnotations }
}

function inSeconds(milliseconds: number): string {
  return `${Math.ceil(milliseconds / 100) / 10} s`
}
