import type { InputName } from './definitions.ts'
import type { InputReader } from './input-reader.ts'
import { parseAnnotationLines } from './parse-annotation-lines.ts'
import { parseKeySource } from './parse-key-source.ts'
import { Secret } from './secret.ts'
import type { Command, KeySource, SigningSettings } from './settings.ts'

const ONLY_FOR_SIGNING: readonly InputName[] = [
  'key',
  'annotations',
  'signature-format',
  'signer',
  'cosign-path',
]

// Stands in after a problem was noted, so that the other inputs are still looked at; no run ever sees it.
const UNUSABLE_KEY: KeySource = { path: '' }

/** Reads who signs and how; the command `sign` always does, `verify` never. */
export function parseSigning(
  inputs: InputReader,
  command: Command,
  environment: Readonly<Record<string, string | undefined>>,
): SigningSettings {
  const sign = inputs.choice('sign')
  if (command === 'verify') return { by: 'nobody' }
  if (sign === 'none' && command !== 'sign') {
    refuseSigningInputs(inputs)
    return { by: 'nobody' }
  }
  const signer = inputs.choice('signer')
  if (signer === 'native' && inputs.isGiven('cosign-path')) {
    const message = '`cosign-path` is given, but `signer` is "native"'
    inputs.problem(message, 'Set `signer` to "cosign", or leave `cosign-path` out.')
  }
  const annotations = inputs.attempt(() => parseAnnotationLines(inputs.lines('annotations'), 'annotations'))
  return {
    by: 'key',
    signs: { images: true, promotions: false },
    transparency: 'none',
    key: parseKey(inputs, environment) ?? UNUSABLE_KEY,
    password: new Secret(inputs.verbatim('key-password') || environment.COSIGN_PASSWORD || ''),
    annotations: annotations ?? {},
    format: inputs.choice('signature-format'),
    signer,
  }
}

function parseKey(
  inputs: InputReader,
  environment: Readonly<Record<string, string | undefined>>,
): KeySource | undefined {
  const key = inputs.optional('key')
  if (key !== undefined) return inputs.attempt(() => parseKeySource(key, 'key', environment))
  inputs.problem('There is no key to sign with', 'Set `key` to the path of a private key, or to env://NAME.')
  return undefined
}

function refuseSigningInputs(inputs: InputReader): void {
  for (const name of ONLY_FOR_SIGNING) {
    if (!inputs.isGiven(name)) continue
    inputs.problem(
      `\`${name}\` is given, but \`sign\` is "none"`,
      `Set \`sign\` to "key", or leave \`${name}\` out.`,
    )
  }
}
