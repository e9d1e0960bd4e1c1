import { tmpdir } from 'node:os'
import { parseArgs } from 'node:util'
import { WORKLOADS, type WorkloadName } from './workloads.ts'

/** What the bench is asked for. */
export interface Options {
  readonly quick: boolean
  /** The scale curve instead of the workloads. */
  readonly scale: boolean
  /** A release in shards instead of the workloads. */
  readonly shards: boolean
  readonly only: readonly WorkloadName[]
  /** Milliseconds a request. */
  readonly delays: readonly number[]
  /** Beginnings of tools' names; empty for all. */
  readonly tools: readonly string[]
  readonly repetitions: number
  readonly slowRepetitions: number
  readonly seed: string
  /** Where registries keep what they hold. */
  readonly storage: string
  readonly json: string | undefined
  /** Whether docs/performance.md gets the tables. */
  readonly write: boolean
}

/** Describes every option, for `--help`. */
export const HELP = `npm run bench -- [options]

  --quick             five minutes: what the goals need, at 25 ms
  --scale             the curve for 100, 1,000 and 5,000 images instead of the workloads
  --shards            5,000 images planned, applied in 16 parts and finished, instead of the workloads
  --only A,B          these workloads (${Object.keys(WORKLOADS).join(', ')}); C and D bring B, F brings B1
  --delay 0,25        milliseconds a request; for --scale 0,5
  --tools ours,crane  tools whose names begin so
  --repeat 5          how often each tool runs; slow ones at most three times
  --seed 1            decides the order of the tools
  --storage FOLDER    where the registries keep their content; /dev/shm leaves the disk out of it
  --json FILE         every run, as JSON
  --write             the tables into docs/performance.md
`

const QUICK_TOOLS = ['ours', 'crane', 'regsync', 'regctl', 'cosign', 'imgpkg']
const SLOW_LIMIT = 3

/** The options of a command line, or `undefined` when it asks for help; throws on what is no option, workload or number. */
export function readOptions(args: readonly string[]): Options | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      help: { type: 'boolean', default: false },
      quick: { type: 'boolean', default: false },
      scale: { type: 'boolean', default: false },
      shards: { type: 'boolean', default: false },
      only: { type: 'string', default: '' },
      delay: { type: 'string' },
      tools: { type: 'string' },
      repeat: { type: 'string' },
      seed: { type: 'string', default: '1' },
      storage: { type: 'string', default: tmpdir() },
      json: { type: 'string' },
      write: { type: 'boolean', default: false },
    },
  })
  if (values.help) return undefined
  const { quick, scale, shards, seed, storage, json, write } = values
  if (write && (values.only !== '' || values.tools !== undefined)) {
    throw new Error('--write needs all workloads and tools: half a table is none')
  }
  const repetitions = readNumber('repeat', values.repeat ?? (quick ? '1' : '5'))
  const usual = quick ? '25' : '0,25'
  const delays = words(values.delay ?? (scale ? '0,5' : usual)).map((word) => readNumber('delay', word))
  return {
    ...{ quick, scale, shards, seed, storage, json, write, repetitions, delays },
    only: words(values.only).map(readWorkload),
    tools: values.tools === undefined ? (quick ? QUICK_TOOLS : []) : words(values.tools),
    slowRepetitions: quick ? 1 : Math.min(SLOW_LIMIT, repetitions),
  }
}

function words(text: string): readonly string[] {
  return text
    .split(',')
    .map((word) => word.trim())
    .filter(Boolean)
}

function readNumber(name: string, word: string): number {
  const number = Number(word)
  if (!Number.isSafeInteger(number) || number < 0)
    throw new Error(`--${name}: "${word}" is not a whole number`)
  return number
}

function readWorkload(word: string): WorkloadName {
  const name = (Object.keys(WORKLOADS) as WorkloadName[]).find((known) => known === word)
  if (name === undefined) throw new Error(`--only: there is no workload "${word}"`)
  return name
}
