import { SIGNING } from './commands-of-inputs.ts'
import type { InputName } from './definitions.ts'
import type { InputReader } from './input-reader.ts'
import { loggingFor } from './logging-for.ts'
import { mayListSay } from './may-list-say.ts'
import { parseAnnotationLines } from './parse-annotation-lines.ts'
import { parseKeySource, refuseUnreachableKey } from './parse-key-source.ts'
import { Secret } from './secret.ts'
import type {
  Command,
  KeylessSigningSettings,
  KeySigningSettings,
  KeySource,
  ListSigningSettings,
  Maker,
  RemoteKey,
  SigningSettings,
} from './settings.ts'

type Environment = Readonly<Record<string, string | undefined>>
type Means = 'none' | 'key' | 'keyless'
type Work = Omit<KeySigningSettings, 'by' | 'key' | 'password'>

const FOR_IMAGES: readonly InputName[] = ['annotations', 'signature-format', 'sign-identity', 'recursive']
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

/** Reads what is signed, as whom and how; the command `sign` always signs images. */
export function parseSigning(
  inputs: InputReader,
  command: Command,
  environment: Environment,
): SigningSettings {
  const sign = inputs.choice('sign')
  if (!SIGNING.includes(command)) return { by: 'nobody' }
  const images = command === 'sign' && sign === 'none' && !isSaidByList(inputs) ? 'key' : sign
  const promotions = inputs.choice('attest-promotion')
  if (images !== 'none' && promotions !== 'none' && images !== promotions) {
    inputs.problem(
      `\`sign\` is "${images}" and \`attest-promotion\` is "${promotions}"`,
      'Set both to the same: one run signs as one.',
    )
  }
  const by = images === 'none' ? promotions : images
  refuseIdle(inputs, command, by, images)
  if (by === 'none') return { by: 'nobody' }
  const work = parseWork(inputs, by, { images: images !== 'none', promotions: promotions !== 'none' })
  return by === 'key' ? withKey(inputs, work, environment) : withIdentity(inputs, work, environment)
}

/** Reads how what a list says about signing is done; undefined where no list can say anything, or nothing is signed. */
export function parseListSigning(
  inputs: InputReader,
  command: Command,
  environment: Environment,
): ListSigningSettings | undefined {
  if (!SIGNING.includes(command) || !mayListSay(inputs, command)) return undefined
  return {
    ...parseForms(inputs),
    password: passwordOf(inputs, environment),
    identityToken: identityTokenOf(inputs, environment),
  }
}

/** Whether the list may say itself who signs: then the inputs say it only where they do. */
function isSaidByList(inputs: InputReader): boolean {
  return inputs.lines('compose').length > 0 && !inputs.isGiven('key')
}

/** Notes what is given for a way to sign that is not taken. */
function refuseIdle(inputs: InputReader, command: Command, by: Means, images: Means): void {
  if (by === 'none') {
    if (mayListSay(inputs, command)) {
      inputs.refuseGiven(FOR_KEYS, '`sign` is "none"', 'Set `sign` to "key"')
      return
    }
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
  const transparency = loggingFor(by, inputs.choice('transparency'))
  if (transparency === 'none') {
    inputs.refuseGiven(['rekor-url'], 'no signature is entered into a log', 'Set `transparency` to "rekor"')
  }
  return { signs, ...parseForms(inputs), transparency }
}

/** What signatures look like, and what makes them. */
function parseForms(
  inputs: InputReader,
): Pick<Work, 'annotations' | 'format' | 'signIdentity' | 'recursive' | 'signer'> {
  const lines = inputs.lines('annotations')
  const format = inputs.choice('signature-format')
  const signIdentity = inputs.choice('sign-identity')
  if (format === 'bundle' && signIdentity === 'target') {
    const message = '`sign-identity` is "target", and in the format "bundle" a signature names no repository'
    inputs.problem(message, 'Set `signature-format` to "both" or "tag".')
  }
  return {
    annotations: inputs.attempt(() => parseAnnotationLines(lines, 'annotations')) ?? {},
    format,
    signIdentity,
    recursive: inputs.choice('recursive') === 'true',
    signer: inputs.choice('signer'),
  }
}

function withKey(inputs: InputReader, work: Work, environment: Environment): KeySigningSettings {
  return {
    by: 'key',
    ...work,
    key: parseKey(inputs, work.signer, environment) ?? UNUSABLE_KEY,
    password: passwordOf(inputs, environment),
  }
}

function passwordOf(inputs: InputReader, environment: Environment): Secret {
  return new Secret(inputs.verbatim('key-password') || environment.COSIGN_PASSWORD || '')
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
  return inputs.attempt(() => {
    const key = parseKeySource(text, 'key', environment)
    refuseUnreachableKey(key, 'key', signer)
    return key
  })
}

function withIdentity(inputs: InputReader, work: Work, environment: Environment): KeylessSigningSettings {
  return { by: 'keyless', ...work, identityToken: identityTokenOf(inputs, environment) }
}

function identityTokenOf(inputs: InputReader, environment: Environment): Secret | undefined {
  const token = inputs.optional('identity-token') ?? (environment.SIGSTORE_ID_TOKEN || undefined)
  if (token !== undefined && !TOKEN.test(token)) {
    const hint = 'Give the token itself: three parts with dots between them (RFC 7515), on one line.'
    inputs.problem('`identity-token` is not a JSON Web Token', hint)
  }
  return token === undefined ? undefined : new Secret(token)
}
