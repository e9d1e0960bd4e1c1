import { AGREEING, SIGNING } from './commands-of-inputs.ts'
import type { InputDefinition } from './input-definition.ts'

/** What the run signs, as whom, and with which services. */
export const SIGNING_INPUTS = [
  {
    name: 'sign',
    meaning:
      'Whether to sign the images at the source first, and with what: `none`, a `key`, or `keyless` as the identity of the job; the command `sign` uses the key unless this is `keyless`.',
    default: 'none',
    kind: 'choice',
    allowed: ['none', 'key', 'keyless'],
    commands: SIGNING,
  },
  {
    name: 'attest-promotion',
    meaning:
      'What signs a statement about the promotion on each promoted image at the targets: `none`, a `key`, or `keyless`; the same as in `sign` where that is not `none`.',
    default: 'none',
    kind: 'choice',
    allowed: ['none', 'key', 'keyless'],
    commands: AGREEING,
  },
  {
    name: 'key',
    meaning:
      'The private key to sign with: the path of a cosign key or a PEM file, `env://NAME`, or with `signer: cosign` the URI of a KMS or a token.',
    default: '',
    kind: 'text',
    commands: SIGNING,
  },
  {
    name: 'key-password',
    meaning: 'The password of the private key; when empty, `COSIGN_PASSWORD` is used.',
    default: '',
    kind: 'secret',
    commands: SIGNING,
  },
  {
    name: 'identity-token',
    meaning:
      'The OpenID Connect token to sign with `keyless`; when empty, `SIGSTORE_ID_TOKEN` is used, or else the one of the job, for which it needs the permission `id-token: write`.',
    default: '',
    kind: 'secret',
    commands: SIGNING,
  },
  {
    name: 'annotations',
    meaning: 'What each new signature states besides the digest: one `key=value` a line.',
    default: '',
    kind: 'lines',
    commands: SIGNING,
  },
  {
    name: 'signature-format',
    meaning: 'How to attach new signatures: as a Sigstore `bundle`, under the `.sig` `tag`, or `both`.',
    default: 'both',
    kind: 'choice',
    allowed: ['bundle', 'tag', 'both'],
    commands: SIGNING,
  },
  {
    name: 'sign-identity',
    meaning:
      'The repository that new signatures under the `.sig` tag name, which podman compares: that of the `source`, or that of the `target` in `to`.',
    default: 'source',
    kind: 'choice',
    allowed: ['source', 'target'],
    commands: SIGNING,
  },
  {
    name: 'recursive',
    meaning:
      'Whether to sign each image that an index lists as well, as `cosign sign --recursive` does; podman and CRI-O ask for the signature of the one that they pull.',
    default: 'false',
    kind: 'choice',
    allowed: ['false', 'true'],
    commands: SIGNING,
  },
  {
    name: 'signer',
    meaning: 'What makes the signatures: this program (`native`), or the `cosign` binary.',
    default: 'native',
    kind: 'choice',
    allowed: ['native', 'cosign'],
    commands: SIGNING,
  },
  {
    name: 'fulcio-url',
    meaning:
      'The certificate authority for keyless signing, in place of the one that the signing config names.',
    default: '',
    kind: 'text',
    commands: SIGNING,
  },
  {
    name: 'rekor-url',
    meaning:
      'The transparency log (Rekor v1) to enter new signatures into, in place of the one that the signing config names.',
    default: '',
    kind: 'text',
    commands: SIGNING,
  },
  {
    name: 'timestamp-url',
    meaning:
      'The timestamp authority (RFC 3161) for new signatures, in place of the one that the signing config names.',
    default: '',
    kind: 'text',
    commands: SIGNING,
  },
  {
    name: 'signing-config',
    meaning:
      'The path of a Sigstore signing config, which names the services to sign with; when empty, the one that the TUF repository hands out.',
    default: '',
    kind: 'text',
    commands: SIGNING,
  },
  {
    name: 'allow-untrusted-trigger',
    meaning:
      'Whether to sign also in a run that an outsider may have started, such as one of a pull request of a fork or of a comment.',
    default: 'false',
    kind: 'choice',
    allowed: ['false', 'true'],
    commands: SIGNING,
  },
] as const satisfies readonly InputDefinition[]
