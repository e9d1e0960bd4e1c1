import assert from 'node:assert/strict'
import { after, before, describe, type TestContext, test } from 'node:test'
import type { RequestHead } from '../fakes/registry-exchange.ts'
import type { RegistryServer } from '../fakes/registry-server.ts'
import { type BigScene, differences, movedTags, startBigScene, wantedTags } from './big-scene.ts'
import { hangOn, slowDown } from './hold-request.ts'
import { type Ended, Product, readReport, type Started } from './product.ts'

/** Seconds that are promised between a signal and the end of the run. */
const PROMISED = 5
const SIGNALS = ['SIGINT', 'SIGTERM'] as const
const READS: readonly string[] = ['GET', 'HEAD']
const ALWAYS = Number.POSITIVE_INFINITY

interface Phase {
  readonly name: string
  readonly registry: (scene: BigScene) => RegistryServer
  /** Whether this request is the first of the phase. */
  readonly begins: (request: RequestHead, scene: BigScene) => boolean
}

const source = ({ scene }: BigScene) => scene.source
const target = ({ scene }: BigScene) => scene.target

const PHASES: readonly Phase[] = [
  {
    name: 'while the list is read',
    registry: source,
    begins: ({ path }) => path.endsWith('/manifests/v1'),
  },
  {
    name: 'while the source is looked at',
    registry: source,
    begins: ({ path }, { big }) => path.includes(`/referrers/${big.digest}`),
  },
  { name: 'while the target is looked at', registry: target, begins: () => true },
  {
    name: 'while signatures are verified',
    registry: source,
    begins: ({ path }) => path.includes('/blobs/'),
  },
  {
    name: 'in the middle of an upload',
    registry: target,
    begins: isUploadOf,
  },
  {
    name: 'while manifests are written',
    registry: target,
    begins: ({ method, path }, { big }) => method === 'PUT' && path.endsWith(`/manifests/${big.digest}`),
  },
  {
    name: 'while the copy is read back',
    registry: target,
    begins: ({ method, path }, { scene, big }) =>
      READS.includes(method) &&
      path.endsWith(`/manifests/${big.digest}`) &&
      scene.target.requests.some((before) => before.method === 'PUT' && before.path === path),
  },
]

describe('a signal', { concurrency: 2 }, () => {
  let product: Product

  before(async () => {
    product = await Product.build()
  })

  after(() => product?.[Symbol.asyncDispose]())

  for (const phase of PHASES) {
    for (const signal of SIGNALS) {
      test(`${signal} ${phase.name}: ends at once, no tag is moved, the next run finishes`, async (context) => {
        const big = await startBigScene()
        await using scene = big.scene
        const registry = phase.registry(big)
        const arrived = hangOn(registry, (request) => phase.begins(request, big))
        const run = product.start(scene.folder, big.inputs)
        await Promise.race([arrived, failWhenOver(run)])
        await requireInterrupted(context, run, { signal, big })
        assert.equal(scene.target.store.openUploads(), 0, 'upload sessions are left open')
        await requireFinishable(product, big)
      })
    }
  }

  for (const [what, comesBefore] of [
    ['of the preflight', 'HEAD'],
    ['that a blob is sent to', 'DELETE'],
  ] as const) {
    test(`an upload ${what} that is being opened when the signal comes is closed again`, async (context) => {
      const big = await startBigScene()
      await using scene = big.scene
      const { arrived, taken } = slowDown(
        scene.target,
        ({ method }) => method === 'POST' && scene.target.requestsBy(comesBefore).length > 0,
      )
      const run = product.start(scene.folder, big.inputs)
      await Promise.race([arrived, failWhenOver(run)])
      await requireInterrupted(context, run, { signal: 'SIGTERM', big })
      await taken
      assert.equal(scene.target.store.openUploads(), 0, 'upload sessions are left open')
    })
  }

  test('ends in time even when the registries have fallen silent', async (context) => {
    const big = await startBigScene()
    await using scene = big.scene
    const arrived = hangOn(scene.target, (request) => isUploadOf(request, big))
    const run = product.start(scene.folder, big.inputs)
    await Promise.race([arrived, failWhenOver(run)])
    for (const registry of [scene.source, scene.target]) registry.fault(() => true, ALWAYS, 'hang')
    await requireInterrupted(context, run, { signal: 'SIGINT', big })
  })

  test('a second one ends the run on the spot', async () => {
    const big = await startBigScene()
    await using scene = big.scene
    const arrived = hangOn(scene.target, (request) => isUploadOf(request, big))
    const run = product.start(scene.folder, big.inputs)
    await Promise.race([arrived, failWhenOver(run)])
    const cancelled = hangOn(scene.target, ({ method }) => method === 'DELETE')
    run.child.kill('SIGINT')
    await Promise.race([cancelled, failWhenOver(run)])
    run.child.kill('SIGINT')
    assert.equal((await run.ended).signal, 'SIGINT')
    assert.deepEqual(movedTags(scene), [])
  })

  for (const signal of SIGNALS) {
    test(`${signal} while tags are moved: all of them are moved`, async () => {
      const big = await startBigScene()
      await using scene = big.scene
      const { arrived } = slowDown(scene.target, isTagging)
      const run = product.start(scene.folder, big.inputs)
      await Promise.race([arrived, failWhenOver(run)])
      run.child.kill(signal)
      const { exitCode, output } = await run.ended
      assert.equal(exitCode, 0, output)
      assert.deepEqual(movedTags(scene), wantedTags(big))
      assert.equal((await readReport(scene.folder)).succeeded, true)
    })

    test(`${signal} while tags are moved and one is refused: all are put back`, async () => {
      const big = await startBigScene()
      await using scene = big.scene
      const { arrived } = slowDown(scene.target, isTagging)
      scene.target.fault((request) => isTagging(request) && request.path.endsWith('/v2'), ALWAYS, {
        status: 403,
      })
      const run = product.start(scene.folder, big.inputs)
      await Promise.race([arrived, failWhenOver(run)])
      run.child.kill(signal)
      const { exitCode, output } = await run.ended
      assert.equal(exitCode, 4, output)
      assert.deepEqual(movedTags(scene), [])
    })
  }
})

function isUploadOf({ method, query }: RequestHead, { layer }: BigScene): boolean {
  return method === 'PUT' && query.get('digest') === layer
}

function isTagging({ method, path }: RequestHead): boolean {
  return method === 'PUT' && /\/manifests\/v\d$/.test(path)
}

interface Interruption {
  readonly signal: NodeJS.Signals
  readonly big: BigScene
}

/** Sends the signal, and looks at everything that is promised of a run that it ends. */
async function requireInterrupted(
  context: TestContext,
  { child, ended }: Started,
  { signal, big: { scene } }: Interruption,
): Promise<void> {
  const sentAt = performance.now()
  child.kill(signal)
  const { exitCode, output, endedAt } = await ended
  const seconds = (endedAt - sentAt) / 1000
  context.diagnostic(`ended ${seconds.toFixed(2)} s after ${signal}`)
  assert.equal(exitCode, 130, output)
  assert.ok(seconds < PROMISED, `${seconds} s`)
  assert.match(output, new RegExp(`The run was ended by ${signal}`))
  const { exitCode: reported, succeeded, errors } = await readReport(scene.folder)
  assert.deepEqual([reported, succeeded, errors.map(({ kind }) => kind)], [130, false, ['interrupted']])
  assert.deepEqual(movedTags(scene), [])
}

async function requireFinishable(product: Product, big: BigScene): Promise<void> {
  big.scene.target.clearFaults()
  const { exitCode, output } = await product.run(big.scene.folder, big.inputs)
  assert.equal(exitCode, 0, output)
  assert.deepEqual(movedTags(big.scene), wantedTags(big))
  assert.deepEqual(differences(big.scene), [])
}

/** Fails when a run ends that was waited for in the middle. */
async function failWhenOver({ ended }: Started): Promise<never> {
  const { exitCode, output }: Ended = await ended
  throw new Error(`the run was over with ${exitCode} before the phase was reached: ${output}`)
}
