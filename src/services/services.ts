import type { Artifactory } from '../artifactory/artifactory.ts'
import type { ComposeDocument } from '../compose/load-compose.ts'
import type { Environment } from '../cosign/run-cosign.ts'
import type { Handover } from '../handover/handover.ts'
import type { Settings } from '../inputs/settings.ts'
import type { LayoutRegistries } from '../layout/layout-registries.ts'
import type { VerificationPolicy } from '../policy/policy.ts'
import { HostLimits } from '../registry/host-limits.ts'
import { RemoteRegistries } from '../registry/remote-registries.ts'
import type { Registries } from '../registry/repository.ts'
import type { Reporter } from '../report/reporter.ts'
import type { SignerOf } from '../sign/sign-images.ts'
import type { ImageAttester } from '../sign/signer.ts'
import type { ListedImage } from '../sources/source.ts'
import { CosignVerifier } from '../verify/cosign-verifier.ts'
import { loadJudges, NativeVerifier } from '../verify/native-verifier.ts'
import type { SignatureVerifier } from '../verify/verifier.ts'
import { findCompose } from './find-compose.ts'
import { findLayouts, withLayouts } from './find-layouts.ts'
import { ListTerms } from './list-terms.ts'
import { makeHandover } from './make-handover.ts'
import { makePolicy } from './make-policy.ts'
import { makeSigners, type SignerServices } from './make-signers.ts'
import type { Surroundings } from './surroundings.ts'
import { Toolbox } from './toolbox.ts'

/** Everything the commands work with. */
export interface Services {
  readonly reporter: Reporter
  readonly registries: Registries
  /** The same registries for the moving of tags, which goes on when the run is interrupted: half of it would be worse. */
  readonly tagRegistries: Registries
  /** OCI layouts on disk, where the settings name any; `registries` and `tagRegistries` give out their repositories as well. */
  readonly layouts: LayoutRegistries | undefined
  /** Reads the compose files that the settings name; undefined where they name none. */
  readonly compose: (() => Promise<ComposeDocument>) | undefined
  /** Copies in place of this machine, where the settings ask for it. */
  readonly artifactory: Artifactory | undefined
  /** Hands plans and reports on from job to job. */
  readonly handover: Handover
  /** Judges whether images satisfy the policy. */
  readonly verifier: SignatureVerifier
  /** Knows what this run's own signer has signed already, whatever judges the policy. */
  readonly ownVerifier: SignatureVerifier
  /** Who must have signed, made when it is asked for first: a keyless signer of this run is known by its certificate only. */
  policy(): Promise<VerificationPolicy>
  /** Takes in what the list says of these images: asked about before anything that goes by it. */
  heed(images: readonly ListedImage[]): Promise<void>
  /** Who signs an image; undefined when nobody does. */
  readonly signerOf: SignerOf
  /** Signs a statement about the promotion on each promoted image. */
  readonly attester: ImageAttester | undefined
  /** Of the workflow's run; undefined in a terminal. */
  readonly runUrl: string | undefined
  readonly workingDirectory: string
  readonly signal: AbortSignal
  /** A text without the passwords and tokens that were used so far. */
  redact(text: string): string
  close(): Promise<void>
}

async function makeVerifier(toolbox: Toolbox, native: NativeVerifier): Promise<SignatureVerifier> {
  const { verification } = toolbox.settings
  if (verification.by === 'nobody' || verification.verifier === 'native') return native
  const { program } = await toolbox.cosign()
  return new CosignVerifier({
    run: (command) => program.attempt(command),
    trustedRoot: () => toolbox.trustedRootText(),
  })
}

async function findArtifactory(toolbox: Toolbox, registries: Registries): Promise<Artifactory | undefined> {
  const { copying } = toolbox.settings
  if (copying.by === 'registry') return undefined
  const { makeArtifactory } = await import('./make-artifactory.ts')
  return makeArtifactory(copying, toolbox, registries)
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
  const onHiddenReferrers = (host: string) =>
    reporter.warn(
      `${host} has no referrers API, and shows an image itself where the list of its referrers belongs: what is attached to images there as a referrer is not seen`,
    )
  const shared = { ...pace, environment, limits, onWarning }
  const registries = new RemoteRegistries(settings.registries, { ...shared, signal, onHiddenReferrers })
  const tagRegistries = new RemoteRegistries(settings.registries, shared)
  const layouts = await findLayouts(settings, around)
  const toolbox = new Toolbox(settings, around, { ...shared, signal })
  // The authority on what counts, whoever signs: which signatures stand already is for it to say.
  const native = new NativeVerifier({ trustedRoot: () => toolbox.trustedRoot() })
  const signing: SignerServices = { verifier: native, warn: (message) => reporter.warn(message) }
  const { signer, attester } = await makeSigners(settings.signing, toolbox, signing)
  // While the first answers are waited for; a failure is thrown where the code is used.
  if (settings.verification.by !== 'nobody') loadJudges().catch(() => undefined)
  let made: Promise<VerificationPolicy> | undefined
  const policy = () => {
    made ??= makePolicy(toolbox, signer ?? attester)
    return made
  }
  const terms = new ListTerms(toolbox, {
    signer,
    policy,
    makeSigner: async (by) => (await makeSigners(by, toolbox, signing)).signer,
    warn: (message, location) => reporter.warn(message, location),
  })
  // What is wrong with a key or a file is told before any registry is asked; the run's own signer may have to ask for a certificate.
  if (settings.sigstore.trustedRoot !== undefined) await toolbox.trustedRoot()
  if (settings.verification.by !== 'signer') await policy()
  return {
    reporter,
    registries: withLayouts(registries, layouts),
    tagRegistries: withLayouts(tagRegistries, layouts),
    layouts,
    compose: findCompose(settings, around, reporter),
    artifactory: await findArtifactory(toolbox, registries),
    handover: makeHandover({
      registries,
      workingDirectory: around.workingDirectory,
      warn: (message) => reporter.warn(message),
      signal,
    }),
    verifier: await makeVerifier(toolbox, native),
    ownVerifier: native,
    heed: (images) => terms.heed(images),
    signerOf: terms.signerOf,
    attester,
    runUrl: runUrl(environment),
    policy: () => terms.policy(),
    workingDirectory: around.workingDirectory,
    signal,
    redact: (text) => toolbox.redact(tagRegistries.redact(registries.redact(text))),
    close: async () => {
      await Promise.all([registries.close(), tagRegistries.close(), layouts?.close(), toolbox.http.close()])
    },
  }
}

function runUrl({ GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: name, GITHUB_RUN_ID: id }: Environment) {
  return server && name && id ? `${server}/${name}/actions/runs/${id}` : undefined
}

function inSeconds(milliseconds: number): string {
  return `${Math.ceil(milliseconds / 100) / 10} s`
}
