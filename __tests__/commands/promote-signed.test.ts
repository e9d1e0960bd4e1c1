import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { verdictLine } from '../../src/report/verdict-line.ts'
import { buildReferrer } from '../builders/build-attached.ts'
import { buildImage } from '../builders/build-image.ts'
import { buildKeys } from '../builders/build-keys.ts'
import { PromotionScene, SOURCE_PATH, TARGET_PATH, writesTo } from '../builders/promotion-scene.ts'

/** A scene whose lock lists an image that nobody has signed. */
async function unsigned() {
  const scene = await PromotionScene.start()
  const image = buildImage({ seed: 'to be signed' })
  image.putInto(scene.source.store, SOURCE_PATH)
  await scene.list({ image: scene.reference(image.digest) })
  return { scene, image }
}

function signing(scene: PromotionScene) {
  return { sign: 'key', key: scene.path('cosign.key') }
}

describe('a run that signs and promotes', () => {
  test('carries its own signatures in both forms, and is its own policy', async () => {
    const { scene, image } = await unsigned()
    await using _ = scene
    const { exitCode, result, reporter } = await scene.run({
      ...signing(scene),
      'public-key': '',
      annotations: 'stage=prod',
    })
    assert.deepEqual([exitCode, result.errors], [0, []])
    assert.deepEqual(reporter.steps, [
      'Read the image list',
      'Plan',
      'Sign',
      'Plan with the signatures',
      'Verify at the source',
      'Preflight',
      'Copy',
      'Verify at the targets',
      'Move the tags',
    ])
    const [promoted] = result.images
    assert.deepEqual(promoted?.signed, ['bundle', 'tag'])
    const target = promoted?.targets[0]
    assert.deepEqual(
      target?.signatures.map(({ form, counts, annotations }) => [form, counts, annotations]).toSorted(),
      [
        ['bundle', true, { stage: 'prod' }],
        ['tag', true, { stage: 'prod' }],
      ],
    )
    assert.equal(scene.tagAt(scene.target, 'v1'), image.digest)
    const publicKey = scene.keys.publicPem
    assert.deepEqual(result.policy, { by: 'key', requireAnnotations: {}, publicKey })
  })

  test('signs and sends nothing the second time', async () => {
    const { scene } = await unsigned()
    await using _ = scene
    const inputs = { ...signing(scene), 'public-key': '' }
    await scene.run(inputs)
    for (const registry of [scene.source, scene.target]) registry.requests.length = 0
    const { exitCode, result } = await scene.run(inputs)
    assert.equal(exitCode, 0)
    assert.deepEqual([...writesTo(scene.source), ...writesTo(scene.target)], [])
    assert.equal(result.totals.signed, 0)
  })

  test('does not sign what another signer had to prove first', async () => {
    const { scene } = await unsigned()
    await using _ = scene
    const other = await scene.write('other.pub', buildKeys().publicPem)
    const { exitCode, reporter } = await scene.run({ ...signing(scene), 'public-key': other })
    assert.equal(exitCode, 5)
    assert.deepEqual([...writesTo(scene.source), ...writesTo(scene.target)], [])
    assert.ok(!reporter.steps.includes('Sign'))
  })

  test('does not sign where the policy demands annotations that it would not state', async () => {
    const { scene } = await unsigned()
    await using _ = scene
    const { exitCode } = await scene.run({ ...signing(scene), 'require-annotations': 'stage=prod' })
    assert.equal(exitCode, 5)
    assert.deepEqual(writesTo(scene.source), [])
  })

  test('puts its signature beside the one that was demanded', async () => {
    await using scene = await PromotionScene.start()
    const ours = buildKeys()
    const key = await scene.write('ours.key', ours.privatePem)
    const { exitCode, result } = await scene.run({ sign: 'key', key, 'signature-format': 'tag' })
    assert.equal(exitCode, 0)
    const signatures = result.images[0]?.targets[0]?.signatures.filter(({ form }) => form === 'tag')
    assert.deepEqual(
      signatures?.map(({ counts }) => counts),
      [true, false],
    )
  })

  test('warns of what hangs on the signatures that it adds to, and of nothing when it adds none', async () => {
    await using scene = await PromotionScene.start()
    const sig = scene.sample.attached.find(({ kind }) => kind === 'sig')?.artifact
    assert.ok(sig)
    const note = buildReferrer(sig.descriptor, 'application/vnd.example.note', 'on the signatures')
    note.putInto(scene.source.store, SOURCE_PATH)
    const ours = buildKeys()
    const inputs = { sign: 'key', key: await scene.write('ours.key', ours.privatePem) }
    const beside = await scene.run({ ...inputs, 'signature-format': 'bundle' })
    assert.deepEqual([beside.exitCode, beside.reporter.warnings], [0, []])
    const { exitCode, reporter } = await scene.run(inputs)
    assert.equal(exitCode, 0)
    const told = reporter.warnings.filter(({ message }) => message.includes(note.digest))
    assert.equal(told.length, 1)
    assert.match(told[0]?.message ?? '', new RegExp(`${sig.digest}.*not found from the image any longer`))
    assert.equal(told[0]?.location?.file, 'images.yml')
    const again = await scene.run(inputs)
    assert.deepEqual([again.exitCode, again.reporter.warnings], [0, []])
  })

  test('signs nothing when the tag may not move', async () => {
    const { scene } = await unsigned()
    await using _ = scene
    buildImage({ seed: 'older' }).putInto(scene.target.store, TARGET_PATH, 'v1')
    assert.equal((await scene.run({ ...signing(scene), 'public-key': '' })).exitCode, 7)
    assert.deepEqual(writesTo(scene.source), [])
  })
})

test('where nobody has to sign, an unsigned image is promoted, because that was said', async () => {
  const { scene, image } = await unsigned()
  await using _ = scene
  const { exitCode, result } = await scene.run({ verify: 'none', 'public-key': '' })
  assert.equal(exitCode, 0)
  assert.equal(scene.tagAt(scene.target, 'v1'), image.digest)
  assert.equal(result.totals.verified, 0)
})

test('a promotion without a policy says so while it runs, in the verdict and in the report', async () => {
  await using scene = await PromotionScene.start()
  const { result, reporter } = await scene.run({ 'public-key': '', verify: 'none' })
  assert.match(reporter.warnings[0]?.message ?? '', /^verify is none: no signature is checked/)
  assert.match(result.warnings[0] ?? '', /^verify is none/)
  assert.match(verdictLine(result), /^1 image promoted unverified: /)
})
