import {
  CERTIFICATE_FIELDS,
  type CertificateMatch,
  readCertificateMatch,
} from '../policy/certificate-match.ts'
import { parsePredicateType } from '../policy/predicate-type.ts'
import { exactly } from '../policy/text-match.ts'
import type { InputName } from './definitions.ts'
import type { InputReader } from './input-reader.ts'
import { mayListSay } from './may-list-say.ts'
import { parseAnnotationLines } from './parse-annotation-lines.ts'
import { parseKeySource } from './parse-key-source.ts'
import type { Command, SigningSettings, VerificationSettings, WhatIsRequired } from './settings.ts'

type Environment = Readonly<Record<string, string | undefined>>

const REQUIREMENTS: readonly InputName[] = ['require-annotations', 'require-attestations', 'timestamp']
// Stands in after a problem was noted, so that the other inputs are still looked at; no run ever sees it.
const UNUSABLE_MATCH: CertificateMatch = { identity: exactly(''), issuer: exactly(''), workflow: {} }
const SIGNERS: readonly InputName[] = ['public-key', ...CERTIFICATE_FIELDS]

/**
 * Reads who must have signed. That nobody must has to be said (`verify: none`); when nothing is said, the policy is the run's own
 * signer, and a run without one is a problem.
 */
export function parseVerification(
  inputs: InputReader,
  command: Command,
  signing: SigningSettings,
  environment: Environment,
): VerificationSettings {
  // What is asked of the run's own signatures is told by what they can carry.
  const own = signing.by !== 'nobody' && signing.transparency === 'rekor' ? 'rekor' : 'none'
  if (command === 'rollback') return { by: 'nobody' }
  if (command === 'sign') return { by: 'signer', ...parseRequired(inputs, own) }
  if (inputs.choice('verify') === 'none') return parseNobody(inputs, command, signing)
  const policy = inputs.optional('policy')
  if (policy !== undefined) return parsePolicy(inputs, policy, signing)
  const key = inputs.optional('public-key')
  if (key !== undefined) {
    const instead = 'Name both signers in a `policy`'
    inputs.refuseGiven(CERTIFICATE_FIELDS, '`public-key` says who must have signed', instead)
    const publicKey = inputs.attempt(() => parseKeySource(key, 'public-key', environment))
    return { by: 'key', publicKey: publicKey ?? { path: '' }, ...parseRequired(inputs, 'none') }
  }
  if (CERTIFICATE_FIELDS.some((field) => inputs.isGiven(field))) return parseCertificate(inputs)
  const required = parseRequired(inputs, own)
  if (signing.by !== 'nobody' && signing.signs.images) return { by: 'signer', ...required }
  if (mayListSay(inputs, command)) return { by: 'list', ...required }
  const signers = '`public-key`, or `certificate-identity` and `certificate-oidc-issuer`, or `policy`'
  const hint = `Set ${signers}`
  inputs.problem(
    'Nothing says who must have signed the images',
    command === 'verify' ? `${hint}.` : `${hint}; or set \`verify\` to "none" to promote them unchecked.`,
  )
  return { by: 'certificate', ...UNUSABLE_MATCH, ...required }
}

/** What is required of a signature besides its signer; `usual` is what `transparency: auto` means for that one. */
function parseRequired(inputs: InputReader, usual: WhatIsRequired['transparency']): WhatIsRequired {
  const annotations = inputs.lines('require-annotations')
  const transparency = inputs.choice('transparency')
  return {
    requireAnnotations: inputs.attempt(() => parseAnnotationLines(annotations, 'require-annotations')) ?? {},
    requireAttestations: parseAttestations(inputs),
    transparency: transparency === 'auto' ? usual : transparency,
    timestamp: inputs.choice('timestamp'),
    verifier: inputs.choice('verifier'),
  }
}

function parseAttestations(inputs: InputReader): readonly string[] {
  const types = new Set<string>()
  for (const line of inputs.lines('require-attestations')) {
    const type = inputs.attempt(() => parsePredicateType(line))
    if (type === undefined) continue
    if (types.has(type)) {
      const name = line === type ? '' : `, which is ${type},`
      inputs.problem(`"${line}"${name} is twice in \`require-attestations\``, 'Keep one of the two lines.')
    }
    types.add(type)
  }
  return [...types]
}

function parseNobody(inputs: InputReader, command: Command, signing: SigningSettings): VerificationSettings {
  if (command === 'verify') {
    inputs.problem('The command verify has nothing to check when `verify` is "none"', 'Leave `verify` out.')
  }
  if (signing.by !== 'nobody' && signing.signs.promotions) {
    inputs.problem(
      '`attest-promotion` is given, but `verify` is "none": nothing is verified that could be attested to',
      'Say who must have signed, or leave `attest-promotion` out.',
    )
  }
  const idle: readonly InputName[] = [...SIGNERS, ...REQUIREMENTS, 'policy', 'verifier', ...evidence(signing)]
  inputs.refuseGiven(idle, '`verify` is "none"', 'Set `verify` to "required"')
  return { by: 'nobody' }
}

function parsePolicy(inputs: InputReader, path: string, signing: SigningSettings): VerificationSettings {
  const idle = [...SIGNERS, ...REQUIREMENTS, ...evidence(signing)]
  inputs.refuseGiven(idle, '`policy` says what is required', 'Write it into the policy')
  return { by: 'policy', path, verifier: inputs.choice('verifier') }
}

/** A run that signs needs to know about the log for its own signatures. */
function evidence(signing: SigningSettings): readonly InputName[] {
  return signing.by === 'nobody' ? ['transparency'] : []
}

function parseCertificate(inputs: InputReader): VerificationSettings {
  const match = readCertificateMatch({
    text: (field) => inputs.optional(field),
    refuse: (_, error) => inputs.note(error),
  })
  const required = parseRequired(inputs, 'rekor')
  return { by: 'certificate', ...(match ?? UNUSABLE_MATCH), ...required }
}
