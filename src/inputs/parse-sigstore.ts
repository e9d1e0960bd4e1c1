import type { InputName } from './definitions.ts'
import type { InputReader } from './input-reader.ts'
import { parseServiceUrl } from './parse-service-url.ts'
import type { Settings, SigningSettings, SigstoreSettings } from './settings.ts'

const TRUST: readonly InputName[] = ['trusted-root', 'tuf-mirror', 'tuf-root']
const SERVICES = ['fulcio-url', 'rekor-url', 'timestamp-url'] as const

/** The rest of the settings, where it decides what is needed of Sigstore. */
export interface Uses extends Pick<Settings, 'signing' | 'listSigning' | 'verification'> {
  /** Hosts, besides loopback, to which plain http may be spoken. */
  readonly insecure: readonly string[]
}

/** Reads which Sigstore to trust and to sign with; what is incomplete, contradicts itself or has no use is noted. */
export function parseSigstore(inputs: InputReader, uses: Uses): SigstoreSettings {
  const { signing, insecure } = uses
  const settings: SigstoreSettings = {
    trustedRoot: inputs.optional('trusted-root'),
    tufMirror: parseServiceUrl(inputs, 'tuf-mirror', insecure),
    tufRoot: inputs.optional('tuf-root'),
    signingConfig: inputs.optional('signing-config'),
    fulcioUrl: parseServiceUrl(inputs, 'fulcio-url', insecure),
    rekorUrl: parseServiceUrl(inputs, 'rekor-url', insecure),
    timestampUrl: parseServiceUrl(inputs, 'timestamp-url', insecure),
  }
  if (signing.by !== 'nobody' && settings.signingConfig !== undefined) {
    inputs.refuseGiven(SERVICES, '`signing-config` names the services', 'Name it in the signing config')
  }
  requireServices(inputs, settings, signing)
  if (needsTrust(settings, uses)) {
    requireWholeTrust(inputs, settings)
    requireOwnTrust(inputs, settings, signing)
  } else {
    const why = 'no certificate, log entry or timestamp is looked at'
    inputs.refuseGiven(TRUST, why, 'Set `transparency` to "rekor" or `timestamp` to "required"')
  }
  return settings
}

/** URLs take the place of a signing config, and beside a `trusted-root` none is fetched: then each service has to be named. */
function requireServices(inputs: InputReader, settings: SigstoreSettings, signing: SigningSettings): void {
  if (signing.by === 'nobody' || settings.signingConfig !== undefined) return
  const hasUrl = SERVICES.some((name) => inputs.isGiven(name))
  if (!hasUrl && settings.trustedRoot === undefined) return
  const isKeyless = signing.by === 'keyless'
  const isLogged = signing.transparency !== 'none'
  const why = hasUrl
    ? 'URLs take the place of the signing config'
    : 'with `trusted-root` nothing is fetched by TUF'
  const wanted = [
    { needed: isKeyless, name: 'fulcio-url', what: 'the certificate authority to sign with' },
    { needed: isLogged, name: 'rekor-url', what: 'the log for new signatures' },
    { needed: isKeyless && !isLogged, name: 'timestamp-url', what: 'who tells the time of new signatures' },
  ] as const
  for (const { needed, name, what } of wanted) {
    if (!needed || inputs.isGiven(name)) continue
    inputs.problem(`Nothing names ${what}: ${why}`, `Set \`${name}\`, or give a \`signing-config\`.`)
  }
}

/** Whether anything is checked against the trusted root. */
function needsTrust(
  { signingConfig, timestampUrl }: SigstoreSettings,
  { signing, listSigning, verification }: Uses,
): boolean {
  const hasEvidence = signingConfig !== undefined || timestampUrl !== undefined
  // A list may name somebody by a certificate.
  if (listSigning !== undefined || verification.by === 'list' || signing.by === 'keyless' || hasEvidence)
    return true
  if (signing.by === 'key' && signing.transparency !== 'none') return true
  switch (verification.by) {
    case 'nobody':
      return false
    case 'policy':
    case 'certificate':
      return true
    default:
      return verification.transparency === 'rekor' || verification.timestamp === 'required'
  }
}

/** What an instance of one's own has signed does not verify with the public one's roots. */
function requireOwnTrust(
  inputs: InputReader,
  { signingConfig, trustedRoot, tufMirror }: SigstoreSettings,
  signing: SigningSettings,
): void {
  const isNamed = signingConfig !== undefined || SERVICES.some((name) => inputs.isGiven(name))
  if (signing.by === 'nobody' || !isNamed || trustedRoot !== undefined || tufMirror !== undefined) return
  inputs.problem(
    'The services to sign with are named, and nothing says by which roots their word is known',
    'Set `trusted-root` to the file of that Sigstore instance, or `tuf-mirror` and `tuf-root`.',
  )
}

function requireWholeTrust(inputs: InputReader, { trustedRoot, tufMirror, tufRoot }: SigstoreSettings): void {
  if (trustedRoot !== undefined) {
    inputs.refuseGiven(
      ['tuf-mirror', 'tuf-root'],
      'with `trusted-root` nothing is fetched by TUF',
      'Leave `trusted-root` out',
    )
  } else if (tufMirror !== undefined && tufRoot === undefined) {
    inputs.problem(
      '`tuf-mirror` is given without `tuf-root`',
      'Set `tuf-root` to the path of a root.json of that repository that you trust.',
    )
  } else if (tufRoot !== undefined && tufMirror === undefined) {
    inputs.problem(
      '`tuf-root` is given without `tuf-mirror`',
      'Set `tuf-mirror` to the URL of the repository, or leave `tuf-root` out.',
    )
  }
}
