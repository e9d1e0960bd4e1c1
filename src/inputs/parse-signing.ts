import type { InputName } from './definitions.ts'
import type { InputReader } from './input-reader.ts'
import { parseAnnotationLines } from './parse-annotation-lines.ts'
import { parseKeySource, schemeOfKey } from './parse-key-source.ts'
import { Secret } from './secret.ts'
import type {
  Command,
  KeylessSigningSettings,
  KeySigningSettings,
  KeySource,
  Maker,
  RemoteKey,
  SigningSettings,
} from './settings.ts'

type Environment = Readonly<Record<string, string | undefined>>
type Means = 'none' | 'key' | 'keyless'
type Work = Omit<KeySigningSettings, 'by' | 'key' | 'password'>

const FOR_IMAGES: readonly InputName[] = ['annotations', 'signature-format']
const FOR_KEYS: readonly InputName[] = ['key']
const FOR_KEYLESS: readonly InputName[] = ['fulcio-url']
const FOR_BOTH: readonly InputName[] = [
  ...FOR_IMAGES,
  'signer',
  'rekor-url',
  'timestamp-url',
  'signing-config',
  'allow-untrusted-trigger',
]

// Stands in after a problem was noted, so that the other inputs are still looked at; no run ever sees it.
const UNUSABLE_KEY: KeySource = { path: '' }
const TOKEN = /^[\w-]+\.[\w-]+\.[\w-]+$/

/** Reads what is signed, as whom and how; the command `sign` always signs images, `verify` nothing. */
export function parseSigning(
  inputs: InputReader,
  command: Command,
  environment: Environment,
): SigningSettings {
  const sign = inputs.choice('sign')
  if (command === 'verify') return { by: 'nobody' }
  const images = command === 'sign' && sign === 'none' ? 'key' : sign
  const promotions = inputs.choice('attest-promotion')
  if (images !== 'none' && promotions !== 'none' && images !== promotions) {
    inputs.problem(
      `\`sign\` is "${images}" and \`attest-promotion\` is "${promotions}"`,
      'Set both to the same: one run signs as one.',
    )
  }
  const by = images === 'none' ? promotions : images
  refuseIdle(inputs, by, images)
  if (by === 'none') return { by: 'nobody' }
  const work = parseWork(inputs, by, { images: images !== 'none', promotions: promotions !== 'none' })
  return by === 'key' ? withKey(inputs, work, environment) : withIdentity(inputs, work, environment)
}

/** Notes what is given for a way to sign that is not taken. */
function refuseIdle(inputs: InputReader, by: Means, images: Means): void {
  if (by === 'none') {
    const why = '`sign` is "none"'
    inputs.refuseGiven(FOR_KEYS, why, 'Set `sign` to "key"')
    inputs.refuseGiven(FOR_KEYLESS, why, 'Set `sign` to "keyless"')
    inputs.refuseGiven(FOR_BOTH, why, 'Set `sign` to "key" or "keyless"')
  } else if (images === 'none') {
    inputs.refuseGiven(FOR_IMAGES, '`sign` is "none"', `Set \`sign\` to "${by}"`)
  }
  if (by === 'keyless') inputs.refuseGiven(FOR_KEYS, 'the run signs without a key', 'Sign with "key"')
  if (by === 'key') inputs.refuseGiven(FOR_KEYLESS, 'the run signs with a key', 'Sign with "keyless"')
}

function parseWork(inputs: InputReader, by: 'key' | 'keyless', signs: Work['signs']): Work {
  const lines = inputs.lines('annotations')
  const wanted = inputs.choice('transparency')
  const usual = by === 'key' ? 'none' : 'where possible'
  const transparency = wanted === 'auto' ? usual : wanted
  if (transparency === 'none') {
    inputs.refuseGiven(['rekor-url'], 'no signature is entered into a log', 'Set `transparency` to "rekor"')
  }
  return {
    signs,
    annotations: inputs.attempt(() => parseAnnotationLines(lines, 'annotations')) ?? {},
    format: inputs.choice('signature-format'),
    signer: inputs.choice('signer'),
    transparency,
  }
}

function withKey(inputs: InputReader, work: Work, environment: Environment): KeySigningSettings {
  return {
    by: 'key',
    ...work,
    key: parseKey(inputs, work.signer, environment) ?? UNUSABLE_KEY,
    password: new Secret(inputs.verbatim('key-password') || environment.COSIGN_PASSWORD || ''),
  }
}

function parseKey(
  inputs: InputReader,
  signer: Maker,
  environment: Environment,
): KeySource | RemoteKey | undefined {
  const text = inputs.optional('key')
  if (text === undefined) {
    const hint =
      'Set `key` to the path of a private key, to env://NAME or to the URI of a KMS, or sign with "keyless".'
    inputs.problem('There is no key to sign with', hint)
    return undefined
  }
  const key = inputs.attempt(() => parseKeySource(text, 'key', environment))
  if (key !== undefined && 'uri' in key && signer === 'native') {
    const message = `\`key\` is a URI of ${schemeOfKey(text)}, and \`signer\` is "native"`
    inputs.problem(message, 'Set `signer` to "cosign", which reaches such keys.')
  }
  return key
}

function withIdentity(inputs: InputReader, work: Work, environment: Environment): KeylessSigningSettings {
  const token = inputs.optional('identity-token') ?? (environment.SIGSTORE_ID_TOKEN || undefined)
  if (token !== undefined && !TOKEN.test(token)) {
    const hint = 'Give the token itself: three parts with dots between them (RFC 7515), on one line.'
    inputs.problem('`identity-token` is not a JSON Web Token', hint)
  }
  return { by: 'keyless', ...work, identityToken: token === undefined ? undefined : new Secret(token) }
}
