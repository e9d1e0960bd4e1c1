import assert from 'node:assert/strict'
import { test } from 'node:test'
import { buildKeys } from './builders/build-keys.ts'
import { PromotionScene, type Run, writesTo } from './builders/promotion-scene.ts'

/** A policy with the key that signed the sample, `ours`, and another one, `theirs`. */
async function runWith(scene: PromotionScene, rules: string): Promise<Run> {
  await scene.write('theirs.pub', buildKeys().publicPem)
  const signers = 'signers: { ours: { public-key: cosign.pub }, theirs: { public-key: theirs.pub } }'
  const used = '  - { repository: unused.example/**, signed-by: { any: [ours, theirs] } }'
  const policy = await scene.write('policy.yml', `version: 1\n${signers}\nrules:\n${rules}\n${used}\n`)
  return scene.run({ policy, 'public-key': '' })
}

test('what the rule for the source demands is proven there and at the target, wherever that is', async () => {
  await using scene = await PromotionScene.start()
  const pattern = `"${scene.source.host}/team/*"`
  const rule = `  - { repository: ${pattern}, signed-by: { any: [theirs, ours] }, annotations: { stage: test } }`
  const { exitCode, result } = await runWith(scene, rule)
  assert.equal(exitCode, 0, JSON.stringify(result.errors))
  assert.equal(scene.tagAt(scene.target, 'v1'), scene.sample.image.digest)
  assert.deepEqual(result.policy, { by: 'policy', file: scene.path('policy.yml'), requireAnnotations: {} })
})

test('an image that no rule speaks of is not promoted', async () => {
  await using scene = await PromotionScene.start()
  const { exitCode, result } = await runWith(scene, '  - { repository: r.example/**, signed-by: nobody }')
  assert.equal(exitCode, 5)
  assert.match(
    result.errors[0]?.message ?? '',
    /^No rule of .*policy\.yml speaks of .*\/team\/app; its patterns are/,
  )
  assert.deepEqual(writesTo(scene.target), [])
})

test('an image that one of two signers has not signed is not promoted', async () => {
  await using scene = await PromotionScene.start()
  const { exitCode } = await runWith(
    scene,
    '  - { repository: "*/team/**", signed-by: { all: [ours, theirs] } }',
  )
  assert.equal(exitCode, 5)
  assert.deepEqual(writesTo(scene.target), [])
})

test('a policy with problems ends the run with all of them on their lines, and no registry is asked anything', async () => {
  await using scene = await PromotionScene.start()
  const { exitCode, result } = await runWith(scene, '  - { repository: nginx, signed-by: whoever }')
  assert.equal(exitCode, 3)
  assert.deepEqual(
    result.errors.map(({ location }) => [location?.file, location?.line]),
    [
      [scene.path('policy.yml'), 4],
      [scene.path('policy.yml'), 4],
    ],
  )
  assert.deepEqual(scene.source.requests, [])
})
