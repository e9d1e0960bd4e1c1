import { PromotionError } from '../errors.ts'
import type { Logging, SigstoreSettings } from '../inputs/settings.ts'
import { readGivenFile } from './read-given-file.ts'
import { NO_SERVICES, type SigningServices } from './signing-services.ts'
import type { SigstoreTargets } from './tuf-targets.ts'

/** Where the services are looked up. */
export interface ServiceDirectory {
  /** Opened only when neither a file nor a URL names the services. */
  readonly targets: () => Promise<SigstoreTargets>
  /** Whether this URL may be spoken to in plain HTTP: an identity token may be sent there. */
  readonly mayBePlain: (url: URL) => boolean
}

/** How this run signs, as far as it decides which services are needed. */
export interface SigningNeeds {
  readonly by: 'key' | 'keyless'
  readonly transparency: Logging
}

/** The target of Sigstore's TUF repositories. */
const TARGET = 'signing_config.v0.2.json'

/**
 * The services that this run signs with: those of the signing config, each replaced by the URL that was given in its place. With a URL and
 * without a signing config the URLs say it all, and nothing is fetched; nor is it for a key that asks for no evidence. Throws a
 * PromotionError of kind `input` for a file or a URL that cannot be used.
 */
export async function findSigningServices(
  needs: SigningNeeds,
  settings: SigstoreSettings,
  directory: ServiceDirectory,
): Promise<SigningServices> {
  const { fulcioUrl, rekorUrl, timestampUrl } = settings
  const config = await readConfig(needs, settings, directory)
  const services = {
    fulcio: fulcioUrl === undefined ? config.fulcio : parseUrl(fulcioUrl, 'fulcio-url'),
    rekor: rekorUrl === undefined ? config.rekor : { v1: [parseUrl(rekorUrl, 'rekor-url')], v2: [] },
    timestamp: timestampUrl === undefined ? config.timestamp : [parseUrl(timestampUrl, 'timestamp-url')],
  }
  requireEncryption(services, directory)
  return services
}

function requireEncryption(
  { fulcio, rekor, timestamp }: SigningServices,
  { mayBePlain }: ServiceDirectory,
): void {
  const all = [...(fulcio ? [fulcio] : []), ...rekor.v1, ...rekor.v2, ...timestamp]
  const plain = all.find((url) => url.protocol !== 'https:' && !mayBePlain(url))
  if (plain === undefined) return
  throw new PromotionError(
    'input',
    `${plain.origin} is to be asked to sign, and plain HTTP is not encrypted`,
    {
      hint: `Use https, or add ${plain.host} to \`insecure-registries\`.`,
    },
  )
}

async function readConfig(
  needs: SigningNeeds,
  { signingConfig, fulcioUrl, rekorUrl, timestampUrl }: SigstoreSettings,
  { targets }: ServiceDirectory,
): Promise<SigningServices> {
  // Loaded when it is needed, with all of Sigstore's formats behind it.
  const parse = async (text: string, name: string) =>
    (await import('./parse-signing-config.ts')).parseSigningConfig(text, name, new Date())
  if (signingConfig !== undefined) {
    return parse(await readGivenFile(signingConfig, 'The signing config', 'signing-config'), signingConfig)
  }
  const isSaid = [fulcioUrl, rekorUrl, timestampUrl].some((url) => url !== undefined)
  const isOffline = needs.by === 'key' && needs.transparency === 'none'
  if (isSaid || isOffline) return NO_SERVICES
  return parse(await (await targets()).read(TARGET), TARGET)
}

function parseUrl(text: string, input: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url !== undefined && /^https?:$/.test(url.protocol)) return url
  throw new PromotionError('input', `\`${input}\` is not a URL`, {
    hint: 'Write it in full, such as https://service.example.com.',
  })
}
