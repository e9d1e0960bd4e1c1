import type { SignatureForm } from '../verify/verifier.ts'
import { withoutSlash } from './service-url.ts'
import type { LogService, Witnesses } from './witness-plan.ts'

/** Which services of Sigstore one form of a signature needs. */
export interface CosignServices {
  /** The certificate authority; undefined for a key. */
  readonly fulcio: URL | undefined
  readonly witnesses: Witnesses
  /** The text of a trusted root. */
  readonly trustedRoot: () => Promise<string>
}

/** Arguments of `cosign sign` and `attest`: flags, and flags whose value is a file, with its text. */
export interface ServiceArguments {
  readonly flags: readonly string[]
  readonly files: Readonly<Record<string, string>>
}

const NO_CONFIG = '--use-signing-config=false'
const NO_LOG = '--tlog-upload=false'

/** Before there was a Sigstore. */
const ALWAYS = { start: '1970-01-01T00:00:00Z' }
/** Those that are named are all wanted. */
const ALL = { selector: 'ALL' }

/**
 * The arguments that name the services. For a Sigstore bundle they stand in a signing config, because nothing else names a Rekor v2; cosign
 * refuses one for a `.sig`, whose services are flags. What cosign trusts comes from a file, or it would fetch that by itself.
 */
export async function serviceArguments(
  form: SignatureForm,
  { fulcio, witnesses, trustedRoot }: CosignServices,
): Promise<ServiceArguments> {
  const { logs, timestamps } = witnesses
  // Without these, cosign would fetch Sigstore's trust root even to sign with a key.
  if (fulcio === undefined && logs.length + timestamps.length === 0) {
    return { flags: [NO_CONFIG, NO_LOG], files: {} }
  }
  const root = { 'trusted-root': await trustedRoot() }
  if (form === 'bundle') {
    return { flags: [], files: { ...root, 'signing-config': formatSigningConfig(fulcio, witnesses) } }
  }
  const flags = [
    NO_CONFIG,
    ...(fulcio === undefined ? [] : [`--fulcio-url=${withoutSlash(fulcio)}`]),
    ...(logs.length === 0 ? [NO_LOG] : logs.map(({ url }) => `--rekor-url=${withoutSlash(url)}`)),
    ...timestamps.map((url) => `--timestamp-server-url=${url}`),
  ]
  return { flags, files: root }
}

/** A signing config v0.2 (sigstore/protobuf-specs, sigstore_trustroot.proto). */
function formatSigningConfig(fulcio: URL | undefined, { logs, timestamps }: Witnesses): string {
  return JSON.stringify({
    mediaType: 'application/vnd.dev.sigstore.signingconfig.v0.2+json',
    caUrls: fulcio === undefined ? [] : [service({ url: fulcio, version: 1 })],
    rekorTlogUrls: logs.map(service),
    rekorTlogConfig: ALL,
    tsaUrls: timestamps.map((url) => service({ url, version: 1 })),
    tsaConfig: ALL,
  })
}

/** cosign takes one service of each operator, so every one has its own. */
function service({ url, version }: LogService) {
  return { url: withoutSlash(url), majorApiVersion: version, validFor: ALWAYS, operator: url.href }
}
