import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import pMap from 'p-map'
import { type Random, randomFrom } from '../builders/random-from.ts'
import { BEFORE, OLDER, PROMOTED, RollbackScene } from '../builders/rollback-scene.ts'
import type { RequestHead } from '../fakes/registry-exchange.ts'
import type { RecordedRequest, RegistryServer } from '../fakes/registry-server.ts'
import { type BigScene, differences, heldBlobs, movedTags, startBigScene, wantedTags } from './big-scene.ts'
import { Product, readReport } from './product.ts'

const KILLS = 50
/** Bytes of the large layer: enough for several reads and writes. */
const SIZE = 1024 * 1024

/** When the run is killed: at the arrival of a request, before its body is read, or when the registry has acted on it and not answered. */
type Moment = 'at its arrival' | 'when it was applied'

interface Point {
  /** Which request of the run, to either registry, from 1. */
  readonly request: number
  readonly moment: Moment
}

/** How a run ended that was started again after a kill, and what it did too much. */
interface Recovery {
  readonly point: Point
  readonly problems: readonly string[]
}

describe('SIGKILL', () => {
  let product: Product

  before(async () => {
    product = await Product.build()
  })

  after(() => product?.[Symbol.asyncDispose]())

  test(`at ${KILLS} random points: the next run finishes and sends nothing twice`, async (context) => {
    const requests = await countRequests(product)
    const points = choosePoints(randomFrom(context), requests)
    const recoveries = await pMap(points, (point) => killAndRecover(product, point), { concurrency: 2 })
    const bad = recoveries.filter(({ problems }) => problems.length > 0)
    context.diagnostic(`${KILLS - bad.length} of ${KILLS}`)
    assert.deepEqual(bad, [])
  })

  for (const moment of ['at its arrival', 'when it was applied'] as const) {
    test(`among the tags of a rollback, at a request ${moment}: the next one completes it`, async () => {
      await using scene = await RollbackScene.start()
      await scene.writeReport()
      const inputs = ['rollback', '--report', 'report.json']
      const { child, ended } = product.start(scene.folder, inputs)
      const isIt = ({ method, path }: RequestHead) => {
        const isMove = method === 'PUT' && path.endsWith('/latest')
        if (isMove && moment === 'at its arrival') child.kill('SIGKILL')
        return isMove
      }
      playAt(scene.first, isIt, moment, () => child.kill('SIGKILL'))
      assert.equal((await ended).signal, 'SIGKILL')
      assert.deepEqual(
        scene.tags(),
        BEFORE.with(1, moment === 'at its arrival' ? PROMOTED.digest : OLDER.digest),
      )
      scene.first.clearFaults()
      const { exitCode, output } = await product.run(scene.folder, inputs)
      assert.equal(exitCode, 0, output)
      assert.deepEqual(scene.tags(), BEFORE)
    })
  }
})

/** How many requests an undisturbed run makes. */
async function countRequests(product: Product): Promise<number> {
  const big = await startBigScene({}, SIZE)
  await using scene = big.scene
  const { exitCode, output } = await product.run(scene.folder, big.inputs)
  assert.equal(exitCode, 0, output)
  return scene.source.requests.length + scene.target.requests.length
}

/** Points spread over the whole run, each somewhere in its own part of it. */
function choosePoints(random: Random, requests: number): readonly Point[] {
  return Array.from({ length: KILLS }, (_, part) => {
    const [first, end] = [part, part + 1].map((edge) => Math.floor((edge * requests) / KILLS))
    const within = random.below(Math.max(1, (end ?? 0) - (first ?? 0)))
    return {
      request: 1 + (first ?? 0) + within,
      moment: random.pick(['at its arrival', 'when it was applied']),
    }
  })
}

async function killAndRecover(product: Product, point: Point): Promise<Recovery> {
  const big = await startBigScene({}, SIZE)
  await using scene = big.scene
  await killAt(product, big, point)
  const held = heldBlobs(scene.target, 'target')
  const lacking = heldBlobs(scene.source, 'source').size - held.size
  const before = scene.target.requests.length
  const { exitCode, output } = await product.run(scene.folder, big.inputs)
  const sent = scene.target.requests.slice(before).flatMap(sentBlob)
  const { succeeded, totals } = await readReport(scene.folder)
  const problems = [
    ...(exitCode === 0 && succeeded ? [] : [output]),
    ...(totals.verified === 2 ? [] : [`${totals.verified} verified`]),
    ...differences(scene).map((name) => `the target lacks ${name}`),
    ...(String(movedTags(scene)) === String(wantedTags(big)) ? [] : [`tags: ${movedTags(scene)}`]),
    ...sent.filter((blob) => held.has(blob)).map((blob) => `${blob} was there and was sent`),
    ...(sent.length <= lacking ? [] : [`${sent.length} blobs were sent, ${lacking} were lacking`]),
  ]
  return { point, problems }
}

/** Runs the program and kills it at that point; a run that made fewer requests than the one that was counted may end by itself. */
async function killAt(product: Product, { scene, inputs }: BigScene, point: Point): Promise<void> {
  const { child, ended } = product.start(scene.folder, inputs)
  let count = 0
  const isIt = () => {
    count += 1
    if (count !== point.request) return false
    if (point.moment === 'at its arrival') child.kill('SIGKILL')
    return true
  }
  for (const registry of [scene.source, scene.target])
    playAt(registry, isIt, point.moment, () => child.kill('SIGKILL'))
  const { exitCode, signal, output } = await ended
  assert.ok(signal === 'SIGKILL' || exitCode === 0, output)
  for (const registry of [scene.source, scene.target]) registry.clearFaults()
}

function playAt(
  registry: RegistryServer,
  match: (request: RequestHead) => boolean,
  moment: Moment,
  kill: () => void,
): void {
  if (moment === 'at its arrival') registry.fault(match, 1, 'hang')
  else
    registry.fault(match, 1, (_, proceed) => {
      const answer = proceed()
      kill()
      return answer
    })
}

/** The blob that a request sends, as `path@digest`. */
function sentBlob({ method, path, query }: RecordedRequest): readonly string[] {
  const [, name] = /^\/v2\/(.+)\/blobs\/uploads\//.exec(path) ?? []
  const digest = query.get('digest')
  return method === 'PUT' && name !== undefined && digest !== null ? [`${name}@${digest}`] : []
}
