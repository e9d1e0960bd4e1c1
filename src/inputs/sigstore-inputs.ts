import { TRUSTING } from './commands-of-inputs.ts'
import type { InputDefinition } from './input-definition.ts'

/** Which Sigstore and which cosign, for signing and verifying alike. */
export const SIGSTORE_INPUTS = [
  {
    name: 'transparency',
    meaning:
      'Whether new signatures are entered into a transparency log, and count only when they are in one: `none`, `rekor`, or `auto`, which means `none` with a key and `rekor` with a certificate.',
    default: 'auto',
    kind: 'choice',
    allowed: ['auto', 'none', 'rekor'],
    commands: TRUSTING,
  },
  {
    name: 'trusted-root',
    meaning:
      'The path of a Sigstore trusted root, which names the authorities and logs to trust; with it, nothing is fetched by TUF.',
    default: '',
    kind: 'text',
    commands: TRUSTING,
  },
  {
    name: 'tuf-mirror',
    meaning:
      'The URL of the TUF repository that hands out trusted root and signing config, in place of the public one.',
    default: '',
    kind: 'text',
    commands: TRUSTING,
  },
  {
    name: 'tuf-root',
    meaning: 'The path of the `root.json` with which to start to trust `tuf-mirror`.',
    default: '',
    kind: 'text',
    commands: TRUSTING,
  },
  {
    name: 'cosign-path',
    meaning:
      'The cosign binary to use where one is needed; when empty, the first one on the PATH, and otherwise one is downloaded and checked.',
    default: '',
    kind: 'text',
    commands: TRUSTING,
  },
  {
    name: 'cosign-version',
    meaning:
      'The version of cosign to download, such as `3.1.3`, in place of the one that this program knows.',
    default: '',
    kind: 'text',
    commands: TRUSTING,
  },
  {
    name: 'cosign-checksum',
    meaning: 'The SHA-256 of the binary of `cosign-version` for this platform, in hex.',
    default: '',
    kind: 'text',
    commands: TRUSTING,
  },
  {
    name: 'cosign-mirror',
    meaning: 'The URL to download cosign from in place of its releases on GitHub.',
    default: '',
    kind: 'text',
    commands: TRUSTING,
  },
] as const satisfies readonly InputDefinition[]
