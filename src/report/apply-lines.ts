import type { GivenInput } from '../inputs/inputs-to-apply.ts'
import { isArtifactPlace } from '../oci/plan-place.ts'
import type { SavedPlanNote } from './run-result.ts'
import { shellWord } from './shell-word.ts'

type Flag = readonly [name: string, value: string]

const PROGRAM = 'signed-promote'

/**
 * The command lines that apply a saved plan: one, or for a plan in parts the one of the first part and the one that finishes it. `given` is
 * what the run was given that made the plan; secrets are not in it, and have to be in the environment as they were then.
 */
export function applyLines(saved: SavedPlanNote, given: readonly GivenInput[]): readonly string[] {
  const { place, digest, shards } = saved
  const plan: readonly Flag[] = [
    ['plan', place],
    ['plan-digest', digest],
  ]
  if (shards === 1) return [lineOf('promote', [...plan, ...flagsFor('promote', given)])]
  // A part has no list to write, and in a registry its report is found beside the plan.
  const part = flagsFor('promote', given).filter(([name]) => name !== 'lock-output')
  const areFiles = !isArtifactPlace(place)
  const written: readonly Flag[] = areFiles ? [['report', 'part-1.json']] : []
  const read: readonly Flag[] = areFiles ? [['reports', 'part-*.json']] : []
  return [
    lineOf('promote', [...plan, ['shard', `1/${shards}`], ...written, ...part]),
    lineOf('finish', [...plan, ...read, ...flagsFor('finish', given)]),
  ]
}

function flagsFor(command: 'promote' | 'finish', given: readonly GivenInput[]): readonly Flag[] {
  return given
    .filter(({ commands }) => commands.includes(command))
    .flatMap(({ name, values }) => values.map((value): Flag => [name, value]))
}

function lineOf(command: string, flags: readonly Flag[]): string {
  const words = flags.map(([name, value]) =>
    // A value that begins with a dash would be taken for a flag.
    value.startsWith('-') ? shellWord(`--${name}=${value}`) : `--${name} ${shellWord(value)}`,
  )
  return [PROGRAM, command, ...words].join(' ')
}
