import { AGREEING, EVERY } from './commands-of-inputs.ts'
import type { InputDefinition } from './input-definition.ts'
import { LIST_INPUTS } from './list-inputs.ts'
import { PLAN_INPUTS } from './plan-inputs.ts'
import type { Command } from './settings.ts'
import { SIGNING_INPUTS } from './signing-inputs.ts'
import { SIGSTORE_INPUTS } from './sigstore-inputs.ts'
import { TARGET_INPUTS } from './target-inputs.ts'
import { VERIFICATION_INPUTS } from './verification-inputs.ts'

/** The commands, with what each does in one sentence. */
export const COMMANDS: Readonly<Record<Command, string>> = {
  promote: 'Sign if asked, verify, copy with everything attached, verify at the targets, then move the tags.',
  plan: 'Say what promote would do, and write nothing.',
  finish: 'Move the tags of a plan that was applied in parts, when all of them have arrived.',
  sign: 'Sign images where they are, without copying.',
  verify: 'Check the signatures of images where they are.',
  check: 'Compare the targets with the list and the policy, and fail where they differ.',
  repair: 'Bring what hangs on images to targets that have the images without it.',
  rollback: 'Put the tags back that a promotion has moved.',
}

/** Every input, in the order in which the documentation shows them: action.yml, the terminal's flags and the README agree with it. */
export const INPUTS = [
  {
    name: 'command',
    meaning: 'What to do: `promote`, `plan`, `finish`, `sign`, `verify`, `check`, `repair` or `rollback`.',
    default: 'promote',
    kind: 'choice',
    allowed: ['promote', 'plan', 'finish', 'sign', 'verify', 'check', 'repair', 'rollback'],
    commands: EVERY,
  },
  ...LIST_INPUTS,
  ...TARGET_INPUTS,
  ...PLAN_INPUTS,
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
    commands: AGREEING,
  },
  {
    name: 'report',
    meaning: 'Where to write the JSON report; for `rollback` the report of the promotion to undo.',
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
  {
    name: 'changes',
    meaning: 'Of `plan`: `true` where promoting would change something, otherwise `false`.',
  },
  { name: 'plan', meaning: 'Where the saved plan is: what the input `plan` takes.' },
  { name: 'plan-digest', meaning: 'The digest of the saved plan.' },
  {
    name: 'shards',
    meaning: 'The parts of the saved plan as JSON for a job matrix: `[{"index":1,"total":8}, …]`.',
  },
] as const satisfies readonly OutputDefinition[]
