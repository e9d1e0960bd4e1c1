import { PromotionError } from '../errors.ts'
import { Secret } from './secret.ts'
import type { KeySource, Maker, RemoteKey } from './settings.ts'

const ENVIRONMENT = 'env://'
const SCHEME = /^(?:([a-z][a-z0-9+.-]*):\/\/|(pkcs11):)/i
/** `user:password@` in front of a host (RFC 3986, section 3.2.1), or the PIN of a token (RFC 7512, section 2.4). */
const SECRET_IN_URI = /^[^:]+:\/\/[^/@]*:[^/@]*@|[?;&]pin-value=/i
/** What names a place to fetch from and no holder of keys: whoever answers there would choose the key. */
const PLACES: readonly string[] = ['http', 'https', 'ftp', 'file', 'oci', 'docker']

/**
 * Reads where a key comes from: a path, `env://NAME`, whose value is taken at once, or the URI of a KMS or a token. Throws a
 * PromotionError of kind `input` that never quotes what could be the key itself; `input` names the input in it.
 */
export function parseKeySource(
  text: string,
  input: string,
  environment: Readonly<Record<string, string | undefined>>,
): KeySource | RemoteKey {
  if (text.includes('\n') || text.includes('-----')) {
    throw new PromotionError('input', `\`${input}\` holds a key itself instead of the place where one is`, {
      hint: `Put the key into an environment variable and write \`${input}\` as env://NAME.`,
    })
  }
  if (text.startsWith(ENVIRONMENT)) return fromVariable(text.slice(ENVIRONMENT.length), input, environment)
  const scheme = schemeOfKey(text)
  return scheme === undefined ? { path: text } : remoteKey(text, scheme, input)
}

/** Throws a PromotionError of kind `input` for a private key that only the cosign binary reaches, where that is not what signs. */
export function refuseUnreachableKey(key: KeySource | RemoteKey, input: string, signer: Maker): void {
  if (!('uri' in key) || signer === 'cosign') return
  throw new PromotionError(
    'input',
    `\`${input}\` is a URI of ${schemeOfKey(key.uri)}, and \`signer\` is "native"`,
    {
      hint: 'Set `signer` to "cosign", which reaches such keys.',
    },
  )
}

/** The scheme of a key's URI in lower case, such as `awskms`; `undefined` for a path. */
function schemeOfKey(text: string): string | undefined {
  const [, scheme, pkcs11] = SCHEME.exec(text) ?? []
  return (scheme ?? pkcs11)?.toLowerCase()
}

function fromVariable(
  variable: string,
  input: string,
  environment: Readonly<Record<string, string | undefined>>,
): KeySource {
  const text = environment[variable]
  if (text !== undefined && text !== '') return { variable, text: new Secret(text) }
  throw new PromotionError('input', `\`${input}\` is env://${variable}, and that variable is not set`, {
    hint: `Set ${variable || 'a variable'} to the text of the key, in the environment of this step.`,
  })
}

function remoteKey(uri: string, scheme: string, input: string): RemoteKey {
  if (PLACES.includes(scheme)) {
    throw new PromotionError('input', `\`${input}\` is a URI of ${scheme}, from where no key is taken`, {
      hint: 'Give the path of a key file, env://NAME, or the URI of a KMS such as awskms://….',
    })
  }
  // The URI is an argument of cosign, and shown in reports.
  if (SECRET_IN_URI.test(uri)) {
    throw new PromotionError('input', `\`${input}\` is a URI of ${scheme} that holds a PIN or a password`, {
      hint: 'Leave it out: cosign takes it from the environment, such as COSIGN_PKCS11_PIN.',
    })
  }
  return { uri }
}
