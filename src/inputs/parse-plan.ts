import { type Digest, isDigest } from '../oci/digest.ts'
import { layoutIn } from '../oci/layout-name.ts'
import { artifactIn, isArtifactPlace, repositoryIn } from '../oci/plan-place.ts'
import { MOST_SHARDS } from '../plan/most-shards.ts'
import { DECIDED_INPUTS } from './decided-inputs.ts'
import type { InputReader } from './input-reader.ts'
import type { ApplyingSettings, Command, SavingSettings, Shard } from './settings.ts'

/** Whether a saved plan takes the place of a list; `finish` has nothing else. */
export function appliesPlan(inputs: InputReader, command: Command): boolean {
  return command === 'finish' || (command === 'promote' && inputs.isGiven('plan'))
}

/** Reads where a plan is saved, and how it is cut. */
export function parseSaving(inputs: InputReader): SavingSettings {
  const place = inputs.optional('plan-output')
  const text = inputs.text('shards')
  const shards = text === 'auto' ? text : Number(/^\d{1,3}$/.test(text) ? text : 0)
  if (shards !== 'auto' && (shards < 1 || shards > MOST_SHARDS)) {
    const hint = `Use a whole number from 1 to ${MOST_SHARDS}, or auto.`
    inputs.problem(`\`shards\` cannot be "${text}"`, hint)
  }
  if (place === undefined) {
    inputs.refuseGiven(['shards'], 'the plan is not saved', 'Set `plan-output`')
  } else {
    checkPlace(inputs, 'plan-output', place, repositoryIn)
    refuseArchives(inputs)
  }
  return { place, comment: inputs.optional('comment-output'), shards }
}

/** A layout is on the disk of one runner, and written as a whole by one run. */
function refuseArchives(inputs: InputReader): void {
  const isArchive = (text: string) => layoutIn(text) !== undefined
  const names = (['from', 'to'] as const).filter((name) => inputs.lines(name).some(isArchive))
  inputs.refuseGiven(
    names,
    'a saved plan is about registries, and this names an archive',
    'Promote without `plan-output`',
  )
}

/** Notes what is wrong with a place that is meant to be in a registry; `read` finds what it names there. */
function checkPlace(
  inputs: InputReader,
  name: 'plan' | 'plan-output',
  place: string,
  read: (place: string) => unknown,
): void {
  if (isArtifactPlace(place)) {
    inputs.attempt(() => read(place))
  } else if (place.startsWith('oci:')) {
    inputs.problem(`\`${name}\` cannot be "${place}"`, 'Write oci://host/path for what is in a registry.')
  }
}

/** Reads which saved plan is carried out; undefined where a list says what to do. What the plan has decided is refused beside it. */
export function parseApplying(inputs: InputReader, command: Command): ApplyingSettings | undefined {
  if (!appliesPlan(inputs, command)) {
    inputs.refuseGiven(['plan-digest', 'shard', 'reports'], 'no `plan` is', 'Set `plan`')
    return undefined
  }
  inputs.refuseGiven(DECIDED_INPUTS, 'the `plan` has decided that', 'Make another plan')
  const place = inputs.optional('plan')
  const reports = inputs.lines('reports')
  if (place === undefined) {
    inputs.problem(
      'The command finish needs a plan, and `plan` is not given',
      'Set `plan` to the saved plan.',
    )
  } else {
    checkPlace(inputs, 'plan', place, artifactIn)
    if (command === 'finish' && reports.length === 0 && !isArtifactPlace(place)) {
      const hint = 'Set `reports` to the reports of all parts of the plan.'
      inputs.problem('The command finish needs reports, and `reports` names none', hint)
    }
  }
  const shard = parseShard(inputs)
  if (shard !== undefined) {
    inputs.refuseGiven(
      ['lock-output'],
      'a part of a plan writes no list',
      'Give it to `plan` and to `finish`',
    )
  }
  return { place: place ?? '', digest: parsePlanDigest(inputs), shard, reports }
}

function parsePlanDigest(inputs: InputReader): Digest | undefined {
  const text = inputs.optional('plan-digest')
  if (text === undefined || isDigest(text)) return text
  inputs.problem(`\`plan-digest\` cannot be "${text}"`, 'Write sha256: and 64 hexadecimal digits behind it.')
  return undefined
}

function parseShard(inputs: InputReader): Shard | undefined {
  const text = inputs.optional('shard')
  if (text === undefined) return undefined
  const [index = 0, total = 0] = /^\d{1,3}\/\d{1,3}$/.test(text) ? text.split('/').map(Number) : []
  if (index >= 1 && index <= total && total <= MOST_SHARDS) return { index, total }
  inputs.problem(`\`shard\` cannot be "${text}"`, 'Write which part of how many it is, such as 2/8.')
  return undefined
}
