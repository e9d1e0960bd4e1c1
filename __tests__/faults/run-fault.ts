import type { RunResult } from '../../src/report/run-result.ts'
import type { Surroundings } from '../../src/services/surroundings.ts'
import type { ExpectedOutcome, NamedFault } from '../fakes/registry-named-fault.ts'
import { findSecrets } from '../security/find-secrets.ts'
import { textsOfRun } from '../security/texts-of-run.ts'
import { FaultScene, FORMER_DIGEST, heldBy, type Side } from './fault-scene.ts'
import { destroyedIn, incompleteAt, type Snapshot, snapshotOf } from './target-checks.ts'

/** One fault played in one promotion, and all that was not as it should be. */
export interface FaultRun {
  readonly fault: NamedFault
  readonly side: Side
  /** What the promotion did; `ignored` where the fault did no harm. */
  readonly outcome: 'survived' | 'ignored' | 'refused'
  readonly seconds: number
  /** Requests to both registries. */
  readonly requests: number
  /** Requests to another origin that carried credentials. */
  readonly leaks: number
  readonly problems: readonly string[]
}

/** The product's own number of attempts and respect for Retry-After; only the waits that it chooses itself are shorter. */
const PACE: Surroundings['pace'] = {
  retry: { retries: 5, firstDelay: 20, longestDelay: 500, longestRetryAfter: 60_000 },
  mergePause: 5,
}
/** Milliseconds without progress, where nothing else would end the run. */
const IDLE_TIMEOUT = 2500
const HANGS = /1 byte a second|never comes|no answer/
const CREDENTIAL_HEADERS = ['authorization', 'cookie', 'x-jfrog-art-api']

/** What to compare with: a promotion between registries that do all they should. */
export const NO_FAULT: NamedFault = {
  name: 'none at all',
  side: 'read',
  target: 'ignores',
  arrange: () => () => 1,
}

/** Plays a fault at one side of a whole promotion over HTTP. */
export async function runFault(fault: NamedFault, side: Side): Promise<FaultRun> {
  await using scene = await FaultScene.start(side, fault.switches)
  const before = snapshotOf(scene.target.store.repository('prod/app'))
  const spared = side === 'target' ? heldBy(scene.target) : new Set<string>()
  const met = fault.arrange(scene[side], spared)
  const began = performance.now()
  const run = await scene.promote({
    ...PACE,
    ...(HANGS.test(fault.name) && { idleTimeout: IDLE_TIMEOUT }),
  })
  const { result } = run
  const seconds = (performance.now() - began) / 1000
  const expected = expectedOf(fault, side)
  const leaks = leaksIn(scene)
  return {
    fault,
    side,
    outcome: !result.succeeded ? 'refused' : expected === 'ignores' ? 'ignored' : 'survived',
    seconds,
    requests: scene.source.requests.length + scene.target.requests.length,
    leaks,
    problems: [
      ...(met() === 0 ? ['the fault was not met'] : []),
      ...(leaks > 0 ? [`${leaks} requests took credentials to another origin`] : []),
      ...findSecrets(textsOfRun(run), scene.secrets),
      ...leftOpen(scene),
      ...(typeof expected === 'object'
        ? notRefused(result, scene, before, expected.refuses)
        : notSurvived(result, scene, before)),
    ],
  }
}

/** The sides that play a fault. */
export function sidesOf({ source }: NamedFault): readonly Side[] {
  return source === undefined ? ['target'] : ['source', 'target']
}

/** What has to come of a fault at this side; throws for a fault that it cannot play. */
export function expectedOf({ source, target, name }: NamedFault, side: Side): ExpectedOutcome {
  const expected = side === 'source' ? source : target
  if (expected === undefined) throw new Error(`the source does not play "${name}"`)
  return expected
}

function notSurvived(result: RunResult, scene: FaultScene, before: Snapshot): readonly string[] {
  if (!result.succeeded) return [`the run failed: ${result.errors.map(({ message }) => message).join(' | ')}`]
  const wrongTags = scene.images
    .filter(({ name, sample }) => tagOf(scene, name) !== sample.image.digest)
    .map(({ name }) => `prod/${name}:v1 is at ${tagOf(scene, name)}`)
  return [
    ...wrongTags,
    ...scene.images.flatMap((image) => incompleteAt(scene.target, image)),
    ...destroyedIn(scene.target.store.repository('prod/app'), before, ['v1']),
  ]
}

function notRefused(
  result: RunResult,
  scene: FaultScene,
  before: Snapshot,
  words: RegExp,
): readonly string[] {
  if (result.succeeded) return ['the run succeeded']
  const told = result.errors.map(({ message }) => message)
  const named = told.some((message) =>
    [scene.source.host, scene.target.host].some((host) => message.includes(host)),
  )
  return [
    ...(result.exitCode === 1 || result.exitCode === 0 ? [`the exit code is ${result.exitCode}`] : []),
    ...(told.some((message) => words.test(message))
      ? []
      : [`the message is not of the fault: ${told.join(' | ')}`]),
    ...(named ? [] : ['the message names no registry']),
    ...(tagOf(scene, 'app') === FORMER_DIGEST ? [] : [`prod/app:v1 was moved to ${tagOf(scene, 'app')}`]),
    ...(tagOf(scene, 'tool') === undefined ? [] : [`prod/tool:v1 was made at ${tagOf(scene, 'tool')}`]),
    ...destroyedIn(scene.target.store.repository('prod/app'), before, []),
  ]
}

function tagOf({ target }: FaultScene, name: string): string | undefined {
  return target.store.repository(`prod/${name}`).tags.get('v1')
}

function leftOpen({ source, target }: FaultScene): readonly string[] {
  const open = source.store.openUploads() + target.store.openUploads()
  return open === 0 ? [] : [`${open} upload sessions were left open`]
}

function leaksIn({ source, target }: FaultScene): number {
  return [source, target]
    .flatMap(({ requests }) => requests)
    .filter(
      ({ origin, headers }) => origin === 'elsewhere' && CREDENTIAL_HEADERS.some((name) => name in headers),
    ).length
}
