import { EVERY, PROMOTING } from './commands-of-inputs.ts'
import type { InputDefinition } from './input-definition.ts'
import { LIST_INPUTS } from './list-inputs.ts'
import type { Command } from './settings.ts'
import { SIGNING_INPUTS } from './signing-inputs.ts'
import { SIGSTORE_INPUTS } from './sigstore-inputs.ts'
import { TARGET_INPUTS } from './target-inputs.ts'
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
  ...LIST_INPUTS,
  ...TARGET_INPUTS,
  ...SIGNING_INPUTS,
  ...VERIFICATION_INPUTS,
  ...SIGSTORE_INPUTS,
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
      'Where to write the list with the images as they are at the target, in the format in which it was given, or as one ImagesLock where there are several lists; never over a file that the run reads, and with several targets it must hold `{target}`, for the number of the target from 1.',
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
  { name: 'lock', meaning: 'The path of the rewritten list; with several targets, one path a line.' },
  { name: 'report', meaning: 'The path of the JSON report.' },
  { name: 'images', meaning: 'The images as JSON: source, targets, digest and signatures of each.' },
  { name: 'digest', meaning: 'The digest, when there was exactly one image.' },
  { name: 'copied', meaning: 'How many images were copied, counted once a target.' },
  { name: 'present', meaning: 'How many images the targets had already, counted once a target.' },
  { name: 'signed', meaning: 'How many images the run signed.' },
  { name: 'verified', meaning: 'How many images satisfied the policy.' },
  { name: 'bytes', meaning: 'How many bytes were sent to all targets together.' },
] as const satisfies readonly OutputDefinition[]
