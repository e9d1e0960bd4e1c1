import { VERIFYING } from './commands-of-inputs.ts'
import type { InputDefinition } from './input-definition.ts'

/** Who must have signed, and what has to come with it. */
export const VERIFICATION_INPUTS = [
  {
    name: 'verify',
    meaning:
      'Whether signatures are `required`, or `none` are checked; required needs to be told who must have signed, unless the run signs.',
    default: 'required',
    kind: 'choice',
    allowed: ['required', 'none'],
    commands: VERIFYING,
  },
  {
    name: 'public-key',
    meaning:
      'The public key that must have signed every image: the path of a PEM file, `env://NAME`, or the URI of a KMS or a token, which cosign is then asked for.',
    default: '',
    kind: 'text',
    commands: VERIFYING,
  },
  {
    name: 'certificate-identity',
    meaning:
      'Who must have signed every image: the identity in the certificate, such as the URL of a workflow with its ref, or an e-mail address.',
    default: '',
    kind: 'text',
    commands: VERIFYING,
  },
  {
    name: 'certificate-identity-regexp',
    meaning: 'The same as an expression (RE2), which must match the whole identity.',
    default: '',
    kind: 'text',
    commands: VERIFYING,
  },
  {
    name: 'certificate-oidc-issuer',
    meaning:
      'Who must have vouched for the identity in the certificate: the URL of the OpenID Connect issuer.',
    default: '',
    kind: 'text',
    commands: VERIFYING,
  },
  {
    name: 'certificate-oidc-issuer-regexp',
    meaning: 'The same as an expression (RE2), which must match the whole URL.',
    default: '',
    kind: 'text',
    commands: VERIFYING,
  },
  {
    name: 'certificate-github-workflow-trigger',
    meaning: 'The event that must have started the GitHub workflow that signed, such as `push`.',
    default: '',
    kind: 'text',
    commands: VERIFYING,
  },
  {
    name: 'certificate-github-workflow-sha',
    meaning: 'The commit that the GitHub workflow that signed must have run for.',
    default: '',
    kind: 'text',
    commands: VERIFYING,
  },
  {
    name: 'certificate-github-workflow-name',
    meaning: 'The name that the GitHub workflow that signed must have.',
    default: '',
    kind: 'text',
    commands: VERIFYING,
  },
  {
    name: 'certificate-github-workflow-repository',
    meaning: 'The repository, as `owner/name`, that the GitHub workflow that signed must have run in.',
    default: '',
    kind: 'text',
    commands: VERIFYING,
  },
  {
    name: 'certificate-github-workflow-ref',
    meaning:
      'The Git ref, such as `refs/heads/main`, that the GitHub workflow that signed must have run for.',
    default: '',
    kind: 'text',
    commands: VERIFYING,
  },
  {
    name: 'require-annotations',
    meaning: 'What a signature must state to count: one `key=value` a line.',
    default: '',
    kind: 'lines',
    commands: VERIFYING,
  },
  {
    name: 'require-attestations',
    meaning:
      'Predicate types, one a line, of which every image must have an attestation by whoever must have signed: URIs, or the short names of cosign such as `slsaprovenance1`, `spdxjson` and `cyclonedx`.',
    default: '',
    kind: 'lines',
    commands: VERIFYING,
  },
  {
    name: 'timestamp',
    meaning:
      'Whether a signature counts only with a time by a trusted timestamp authority (RFC 3161): `none`, or `required`.',
    default: 'none',
    kind: 'choice',
    allowed: ['none', 'required'],
    commands: VERIFYING,
  },
  {
    name: 'policy',
    meaning:
      'The path of a policy file, which says for each repository who must have signed; it takes the place of all other inputs that do.',
    default: '',
    kind: 'text',
    commands: VERIFYING,
  },
  {
    name: 'verifier',
    meaning: 'What judges the signatures: this program (`native`), or the `cosign` binary.',
    default: 'native',
    kind: 'choice',
    allowed: ['native', 'cosign'],
    commands: VERIFYING,
  },
] as const satisfies readonly InputDefinition[]
