import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { buildSignatures } from '../builders/build-attached.ts'
import { buildImage } from '../builders/build-image.ts'
import { buildKeys } from '../builders/build-keys.ts'
import { PlanScene } from '../builders/plan-scene.ts'
import { SOURCE_PATH, writesTo } from '../builders/promotion-scene.ts'

type Inputs = Readonly<Record<string, string>>

/** A plan by which an image is signed first that somebody else has signed already. */
async function signedFirst(inputs: Inputs = {}) {
  await using stack = new AsyncDisposableStack()
  const plans = stack.use(await PlanScene.start())
  const { scene } = plans
  const image = buildImage({ seed: 'to be signed' })
  image.putInto(scene.source.store, SOURCE_PATH)
  const others = buildKeys()
  buildSignatures(image.descriptor, [{ keys: others }]).putInto(scene.source.store, SOURCE_PATH)
  await scene.list({ image: scene.reference(image.digest) })
  const signing: Inputs = {
    'public-key': '',
    sign: 'key',
    key: scene.path('cosign.key'),
    annotations: 'stage=prod',
    ...inputs,
  }
  const { exitCode, result } = await plans.plan(signing)
  assert.deepEqual([exitCode, result.errors], [2, []])
  assert.deepEqual(writesTo(scene.source), [])
  const own = stack.move()
  return { plans, image, others, signing, [Symbol.asyncDispose]: () => own.disposeAsync() }
}

async function refusal(plans: PlanScene, inputs: Inputs) {
  const { exitCode, result } = await plans.apply(inputs)
  assert.deepEqual(writesTo(plans.scene.target), [])
  return { exitCode, messages: result.errors.map(({ message }) => message) }
}

describe('a plan by which images are signed first', () => {
  test('is applied by whoever signs as planned', async () => {
    await using scene = await signedFirst()
    const { plans, image, signing } = scene
    const { exitCode, result } = await plans.apply(signing)
    assert.deepEqual([exitCode, result.errors], [0, []])
    assert.deepEqual(result.images[0]?.signed, ['bundle', 'tag'])
    assert.equal(plans.scene.tagAt(plans.scene.target, 'v1'), image.digest)
  })

  test('goes on where a run was ended after it had signed, in parts as well', async () => {
    await using scene = await signedFirst()
    const { plans, signing } = scene
    const { target } = plans.scene
    target.fault(({ method, path }) => method === 'PUT' && path.includes('/manifests/'), 99, { status: 403 })
    assert.equal((await plans.part('1/1', signing)).exitCode, 4)
    target.clearFaults()
    const { exitCode, result } = await plans.part('1/1', signing)
    assert.deepEqual([exitCode, result.errors, result.images[0]?.signed], [0, [], []])
    const finished = await plans.finish(signing)
    assert.deepEqual([finished.exitCode, finished.result.errors], [0, []])
    assert.deepEqual(plans.tags(), [['v1']])
  })

  test('is not applied by another signer, with other annotations, or by nobody', async () => {
    await using scene = await signedFirst()
    const { plans, others, signing } = scene
    const key = await plans.scene.write('other.key', others.privatePem)
    const otherwise: readonly Inputs[] = [{ key }, { annotations: 'stage=test' }]
    for (const change of otherwise) {
      const { exitCode, messages } = await refusal(plans, { ...signing, ...change })
      assert.equal(exitCode, 10)
      assert.match(
        messages.join(),
        /The policy is another one|signed by another signer, or with other annotations$/,
      )
    }
    const unsigned = { 'public-key': plans.scene.path('cosign.pub') }
    const { exitCode, messages } = await refusal(plans, unsigned)
    assert.equal(exitCode, 10)
    assert.match(messages[0] ?? '', /^The plan has ".*" signed, and this run signs nothing$/)
  })

  test('is signed in the forms that it says, and nothing else is', async () => {
    await using scene = await signedFirst({ 'signature-format': 'tag' })
    const { plans, signing } = scene
    const { source } = plans.scene
    const otherwise: readonly Inputs[] = [
      { 'signature-format': 'bundle' },
      { 'signature-format': 'both' },
      { recursive: 'true' },
      { 'attest-promotion': 'key' },
    ]
    for (const change of otherwise) {
      source.requests.length = 0
      assert.equal((await refusal(plans, { ...signing, ...change })).exitCode, 10)
      assert.deepEqual(writesTo(source), [])
    }
    const { exitCode, result } = await plans.apply(signing)
    assert.deepEqual([exitCode, result.images[0]?.signed], [0, ['tag']])
  })

  test('takes only its own signatures for what signing has added', async () => {
    await using scene = await signedFirst()
    const { plans, image, others, signing } = scene
    const stranger = buildSignatures(image.descriptor, [{ keys: others }, { keys: buildKeys() }])
    stranger.putInto(plans.scene.source.store, SOURCE_PATH)
    const { exitCode, messages } = await refusal(plans, signing)
    assert.equal(exitCode, 10)
    assert.match(messages.join(), /has got the sig sha256:/)
  })
})
