import assert from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import type { Plan } from '../../src/plan/plan.ts'
import { costsOf } from '../../src/plan/plan-costs.ts'
import { totalsOf } from '../../src/plan/plan-totals.ts'
import { listedImage } from '../builders/listed-image.ts'
import { madePlan } from '../builders/made-plan.ts'
import { PromotionScene, SOURCE_PATH, TARGET_PATH, writesTo } from '../builders/promotion-scene.ts'
import { shapedPlan } from '../builders/shaped-plan.ts'
import type { RecordedRequest, RegistryServer } from '../fakes/registry-server.ts'
import { connectRegistries } from '../registry/connect.ts'

const PACE = { mergePause: 1 }
/** By which part an estimate may be off. */
const PART = 0.15

/** The plan that the scene's next run will make. */
function planFor(context: TestContext, { source, targets, sample }: PromotionScene): Promise<Plan> {
  const listed = [listedImage(`${source.host}/${SOURCE_PATH}`, sample.image.digest)]
  const to = targets.map(({ host }) => `${host}/${TARGET_PATH}`)
  const settings = { to, tags: ['v1'], existingTags: 'refuse', imgpkgTags: false } as const
  return madePlan(listed, settings, connectRegistries(context), 'ask for blobs')
}

/** A shared tag is looked at again where answers are slow: how often depends on the machine. */
function isLook({ method, path }: RecordedRequest): boolean {
  return method === 'HEAD' && path.includes('/manifests/sha256-')
}

/** Promotes without a policy, which would read signatures, and counts the requests to each registry: for the plan, and after it. */
async function countRequests(scene: PromotionScene) {
  const registries = [scene.source, ...scene.targets]
  const counts = () =>
    new Map(registries.map(({ host, requests }) => [host, requests.filter((one) => !isLook(one)).length]))
  const before = counts()
  let planned = before
  const onStepEnd = (step: string) => {
    if (step === 'Plan') planned = counts()
  }
  const { exitCode } = await scene.run({ verify: 'none', 'public-key': '' }, { onStepEnd, pace: PACE })
  assert.equal(exitCode, 0)
  const after = counts()
  const between = (early: typeof before, late: typeof before, host: string) =>
    (late.get(host) ?? 0) - (early.get(host) ?? 0)
  return {
    looksAt: (host: string) => between(before, planned, host),
    appliedAt: (host: string) => between(planned, after, host),
  }
}

function assertNear(estimate: number, counted: number, what: string): void {
  const off = Math.abs(estimate - counted)
  assert.ok(off <= Math.max(1, counted * PART), `${what}: ${estimate} were expected, ${counted} counted`)
}

for (const referrersApi of [true, false]) {
  test(`requests are those of a real promotion, ${referrersApi ? 'with' : 'without'} a referrers API at the targets`, async (context) => {
    await using scene = await PromotionScene.start({}, [{ referrersApi }, { referrersApi }])
    const plan = await planFor(context, scene)
    const counted = await countRequests(scene)
    const { hosts } = costsOf(plan)
    assert.deepEqual(
      hosts.map(({ host, side }) => `${side} ${host}`),
      [`source ${scene.source.host}`, ...scene.targets.map(({ host }) => `target ${host}`)],
    )
    for (const { host, requests, looks } of hosts) {
      assertNear(requests, counted.appliedAt(host), host)
      assert.ok(looks <= counted.looksAt(host), `${looks} looks at ${host}`)
    }
  })
}

test('a second promotion costs no byte and no write, and one question for each tag', async (context) => {
  await using scene = await PromotionScene.start()
  await scene.run({}, { pace: PACE })
  const written = writesTo(scene.target).length
  const { images, hosts } = costsOf(await planFor(context, scene))
  const { appliedAt } = await countRequests(scene)
  assert.equal(writesTo(scene.target).length, written)
  assert.ok(hosts.every(({ bytes }) => bytes === 0))
  assert.deepEqual(
    hosts.map(({ requests }) => requests),
    [scene.source, scene.target].map(({ host }: RegistryServer) => appliedAt(host)),
  )
  assert.deepEqual(
    images[0]?.targets.map(({ blobs, mountedBlobs, manifests }) => blobs + mountedBlobs + manifests),
    [0],
  )
})

describe('a blob that images share', () => {
  const shapes = [
    { base: 5000, one: 10 },
    { base: 5000, other: 20 },
  ]

  test('is read with the first of them, and mounted for the others of its registry', () => {
    const { images } = costsOf(shapedPlan(shapes, { to: ['prod.example', 'eu.example'] }))
    assert.deepEqual(
      images.map(({ source }) => source.bytes),
      [5000 + 10 + 1000, 20 + 1000],
    )
    assert.deepEqual(
      images.map(({ targets }) => targets.map(({ bytes, mountedBytes }) => [bytes, mountedBytes])),
      [
        [
          [7010, 0],
          [7010, 0],
        ],
        [
          [2020, 5000],
          [2020, 5000],
        ],
      ],
    )
  })

  test('is there for all of one repository once it has been sent', () => {
    const { images } = costsOf(shapedPlan(shapes, { spread: false }))
    assert.deepEqual(
      images.map(({ targets }) => targets.map(({ blobs, mountedBlobs }) => [blobs, mountedBlobs])),
      [[[3, 0]], [[2, 0]]],
    )
  })

  test('is counted with the image that needs it, not with one that is there', () => {
    const { images, blobs } = shapedPlan(shapes, { spread: false })
    const [first, second] = images.map((image) => ({
      ...image,
      targets: image.targets.map((target) => ({ ...target, there: image.graph })),
    }))
    assert.ok(first && second)
    const unchanged = { ...first, targets: first.targets.map((target) => ({ ...target, manifests: [] })) }
    const costs = costsOf({
      images: [unchanged, second],
      blobs: blobs.filter(({ blob }) => blob.size === 5000),
    })
    assert.deepEqual(
      costs.images.map(({ source }) => source.bytes),
      [0, 5000],
    )
  })
})

test('a layout on disk takes bytes and no request', () => {
  const plan = shapedPlan([{ base: 5000 }], { to: ['prod.example'] })
  const layout = { registry: 'oci-layout:/out', path: 'dev.example/app/0' }
  const onDisk = {
    images: plan.images.map((image) => ({
      ...image,
      targets: image.targets.map((target) => ({ ...target, repository: layout })),
    })),
    blobs: plan.blobs.map((transfer) => ({ ...transfer, targets: [{ repository: layout }] })),
  }
  const [, target] = costsOf(onDisk).hosts
  assert.deepEqual(target, { host: 'oci-layout:/out', side: 'target', requests: 0, looks: 0, bytes: 7000 })
})

test('bytes are those of the totals, whatever is shared', () => {
  for (const spread of [true, false]) {
    const plan = shapedPlan(
      [
        { a: 1, b: 20 },
        { b: 20, c: 300 },
        { a: 1, c: 300 },
      ],
      { spread },
    )
    const { images } = costsOf(plan)
    const bytes = images.flatMap(({ targets }) => targets).reduce((sum, target) => sum + target.bytes, 0)
    assert.equal(bytes, totalsOf(plan).bytes)
  }
})
