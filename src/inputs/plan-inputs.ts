import { APPLYING, PROMOTING } from './commands-of-inputs.ts'
import type { InputDefinition } from './input-definition.ts'

/** Plans that are saved, approved and applied, by one job or by many. */
export const PLAN_INPUTS = [
  {
    name: 'plan-output',
    meaning:
      'Where to save the plan, to be applied exactly as it is: a path, or `oci://host/path` for an artifact in that repository.',
    default: '',
    kind: 'text',
    commands: ['plan'],
  },
  {
    name: 'comment-output',
    meaning: 'Where to write the plan as Markdown that fits into the comment of a pull request.',
    default: '',
    kind: 'text',
    commands: ['plan'],
  },
  {
    name: 'shards',
    meaning:
      'Into how many parts the saved plan is cut, each for a job of its own, 1 to 256; `auto` goes by bytes and requests.',
    default: '1',
    kind: 'text',
    commands: ['plan'],
  },
  {
    name: 'plan',
    meaning:
      'The saved plan to apply, in place of a list: a path, or `oci://host/path@sha256:…`; what has changed since it was made fails before anything is written.',
    default: '',
    kind: 'text',
    commands: APPLYING,
  },
  {
    name: 'plan-digest',
    meaning: 'The digest that the plan must have, as the output `plan-digest` of the run that made it says.',
    default: '',
    kind: 'text',
    commands: APPLYING,
  },
  {
    name: 'shard',
    meaning:
      'The part of the plan to apply, such as `2/8`: its images are copied by digest and verified, and no tag moves before `finish`.',
    default: '',
    kind: 'text',
    commands: ['promote'],
  },
  {
    name: 'reports',
    meaning:
      'The reports of all parts of the plan, one path or glob a line; of a plan in a registry they are found there.',
    default: '',
    kind: 'lines',
    commands: ['finish'],
  },
  {
    name: 'preflight',
    meaning:
      'What to find out about the targets before anything is copied: `check` asks whether each repository may be written to, and `probe` also pushes and deletes a small artifact of each kind that the plan would push.',
    default: 'check',
    kind: 'choice',
    allowed: ['check', 'probe'],
    commands: PROMOTING,
  },
  {
    name: 'rebuild-fallback',
    meaning:
      'Whether to write the list of referrers under a fallback tag anew where something else stands there.',
    default: 'false',
    kind: 'choice',
    allowed: ['false', 'true'],
    commands: ['repair'],
  },
] as const satisfies readonly InputDefinition[]
