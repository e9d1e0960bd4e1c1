import type { InputReader } from './input-reader.ts'
import { parseAnnotationLines } from './parse-annotation-lines.ts'
import { parseKeySource } from './parse-key-source.ts'
import type { Command, VerificationSettings } from './settings.ts'

const NOTHING_ELSE = {
  requireAttestations: [],
  verifier: 'native',
  transparency: 'none',
  timestamp: 'none',
} as const

/**
 * Reads who must have signed. That nobody must has to be said (`verify: none`); when nothing is said, the policy is the run's own
 * signer, and a run without one is a problem.
 */
export function parseVerification(
  inputs: InputReader,
  command: Command,
  isSigning: boolean,
  environment: Readonly<Record<string, string | undefined>>,
): VerificationSettings {
  if (command === 'sign') return { by: 'signer', requireAnnotations: {}, ...NOTHING_ELSE }
  if (inputs.choice('verify') === 'none') return parseNobody(inputs, command)
  const lines = inputs.lines('require-annotations')
  const requireAnnotations = inputs.attempt(() => parseAnnotationLines(lines, 'require-annotations')) ?? {}
  const key = inputs.optional('public-key')
  if (key !== undefined) {
    const publicKey = inputs.attempt(() => parseKeySource(key, 'public-key', environment))
    return { by: 'key', publicKey: publicKey ?? { path: '' }, requireAnnotations, ...NOTHING_ELSE }
  }
  if (isSigning) return { by: 'signer', requireAnnotations, ...NOTHING_ELSE }
  inputs.problem(
    'Nothing says who must have signed the images',
    command === 'verify'
      ? 'Set `public-key` to the key that must have signed them.'
      : 'Set `public-key` to the key that must have signed them, or set `verify` to "none" to promote them unchecked.',
  )
  return { by: 'nobody' }
}

function parseNobody(inputs: InputReader, command: Command): VerificationSettings {
  if (command === 'verify') {
    inputs.problem('The command verify has nothing to check when `verify` is "none"', 'Leave `verify` out.')
  }
  for (const name of ['public-key', 'require-annotations'] as const) {
    if (!inputs.isGiven(name)) continue
    inputs.problem(
      `\`${name}\` is given, but \`verify\` is "none"`,
      `Set \`verify\` to "required", or leave \`${name}\` out.`,
    )
  }
  return { by: 'nobody' }
}
