import { EVERY, PROMOTING } from './commands-of-inputs.ts'
import type { InputDefinition } from './input-definition.ts'
import type { Command } from './settings.ts'
import { SIGNING_INPUTS } from './signing-inputs.ts'
import { SIGSTORE_INPUTS } from './sigstore-inputs.ts'
import { VERIFICATION_INPUTS } from './verification-inputs.ts'

/** The commands, with what each does in one sentence. */
export const COMMANDS: Readonly<Record<Command, string>> = {
  promote: 'Sign if asked, verify, copy with everything attached, verify at the targets, then move the tags.',
  plan: 'Say what promote would do, and write nothing.',
  sign: 'Sign images where they are, without copying.',
  verify: 'Check the signatures of images where they are.',
}

/** Every input, in the order in which the documentation shows them: action.yml, the terminal's flags and the README agree with it. */
export const INPUTS = [
  {
    name: 'command',
    meaning: 'What to do: `promote`, `plan`, `sign` or `verify`.',
    default: 'promote',
    kind: 'choice',
    allowed: ['promote', 'plan', 'sign', 'verify'],
    commands: EVERY,
  },
  {
    name: 'lock',
    meaning: 'Carvel ImagesLock files that list the images by digest: one path or glob a line.',
    default: '',
    kind: 'lines',
    commands: EVERY,
  },
  {
    name: 'images',
    meaning: 'Image references, one a line; a tag is resolved once and pinned, with a warning.',
    default: '',
    kind: 'lines',
    commands: EVERY,
  },
  {
    name: 'to',
    meaning:
      'Target repositories as `host/path`, one a line, with `{registry}`, `{repository}` and `{name}` of the source; without a placeholder all images go to that one repository.',
    default: '',
    kind: 'lines',
    commands: PROMOTING,
  },
  {
    name: 'tags',
    meaning: 'Tags for the promoted images, one a line; they move last, after all targets have verified.',
    default: '',
    kind: 'lines',
    commands: PROMOTING,
  },
  {
    name: 'existing-tags',
    meaning: 'What to do about a tag that points at another image: `refuse` it, or `move` it.',
    default: 'refuse',
    kind: 'choice',
    allowed: ['refuse', 'move'],
    commands: PROMOTING,
  },
  ...SIGNING_INPUTS,
  ...VERIFICATION_INPUTS,
  ...SIGSTORE_INPUTS,
  {
    name: 'read-back',
    meaning:
      'How blobs are proven to be at the targets: `full` reads and hashes all that were sent or mounted, and relies on no manifest that is there already; `head` only asks for them; `auto` is `full` for what is sent, up to 1 GiB over all targets together, and otherwise `head`.',
    default: 'auto',
    kind: 'choice',
    allowed: ['auto', 'full', 'head'],
    commands: PROMOTING,
  },
  {
    name: 'registries',
    meaning:
      'Credentials besides those of the docker config, one `host[/path] username password` a line; the longest path wins.',
    default: '',
    kind: 'secret-lines',
    commands: EVERY,
  },
  {
    name: 'insecure-registries',
    meaning: 'Hosts, one a line, to which plain HTTP may be spoken; to loopback it always may.',
    default: '',
    kind: 'lines',
    commands: EVERY,
  },
  {
    name: 'concurrency',
    meaning:
      'The most requests in flight to one registry, 1 to 128; halved when it asks for patience; besides them up to four blobs over 256 KiB are copied at a time.',
    default: '64',
    kind: 'text',
    commands: EVERY,
  },
  {
    name: 'deadline',
    meaning:
      'When to end the run, counted from its start, such as `90s`, `45m` or `1h30m`, at most `168h`; tags that are moving by then are finished first.',
    default: '',
    kind: 'text',
    commands: EVERY,
  },
  {
    name: 'lock-output',
    meaning:
      'Where to write the ImagesLock with the images at the target, never over a `lock`; with several targets it must hold `{target}`, for the number of the target from 1.',
    default: '',
    kind: 'text',
    commands: PROMOTING,
  },
  {
    name: 'report',
    meaning: 'Where to write the JSON report.',
    default: '',
    kind: 'text',
    commands: EVERY,
  },
] as const satisfies readonly InputDefinition[]

type AnyInput = (typeof INPUTS)[number]

/** The name of an input. */
export type InputName = AnyInput['name']

/** The inputs that take one of a few words. */
export type ChoiceName = Extract<AnyInput, { kind: 'choice' }>['name']

/** The words that a choice takes. */
export type ChoiceValue<N extends ChoiceName> = Extract<
  AnyInput,
  { name: N; kind: 'choice' }
>['allowed'][number]

/** One output of the action. */
export interface OutputDefinition {
  readonly name: string
  readonly meaning: string
}

/** Every output of the action, in the order in which the documentation shows them. */
export const OUTPUTS = [
  { name: 'lock', meaning: 'The path of the rewritten ImagesLock; with several targets, one path a line.' },
  { name: 'report', meaning: 'The path of the JSON report.' },
  { name: 'images', meaning: 'The images as JSON: source, targets, digest and signatures of each.' },
  { name: 'digest', meaning: 'The digest, when there was exactly one image.' },
  { name: 'copied', meaning: 'How many images were copied, counted once a target.' },
  { name: 'present', meaning: 'How many images the targets had already, counted once a target.' },
  { name: 'signed', meaning: 'How many images the run signed.' },
  { name: 'verified', meaning: 'How many images satisfied the policy.' },
  { name: 'bytes', meaning: 'How many bytes were sent to all targets together.' },
] as const satisfies readonly OutputDefinition[]
