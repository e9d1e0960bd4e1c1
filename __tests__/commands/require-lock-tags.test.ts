import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { PromotionScene, SOURCE_PATH, TARGET_PATH, writesTo } from '../builders/promotion-scene.ts'

/** The Images.lock of a chart with the sample, by its platforms, under a tag. */
async function writeChartLock(scene: PromotionScene, tag: string): Promise<string> {
  const image = `${scene.source.host}/${SOURCE_PATH}:${tag}`
  const digests = scene.sample.children.map(({ digest }) => `{digest: "${digest}", arch: x}`).join(', ')
  const entry = `  - {name: app, image: "${image}", chart: shop, digests: [${digests}]}`
  await scene.write('Images.lock', `apiVersion: v0\nkind: ImagesLock\nimages:\n${entry}\n`)
  return image
}

const CHART = { lock: 'Images.lock', tags: '' }

test('a chart’s lock is not written with names that nobody finds', async () => {
  await using scene = await PromotionScene.start()
  const image = await writeChartLock(scene, 'v1')
  const output = { ...CHART, 'lock-output': scene.path('out.lock') }
  for (const command of ['plan', 'promote']) {
    const { exitCode, result } = await scene.run({ ...output, command })
    assert.equal(exitCode, 3)
    assert.deepEqual(
      result.errors.map(({ message, hint, location }) => [message, hint, location?.line]),
      [
        [
          `\`lock-output\` of an Images.lock names images by tag, and this run gives "${image}" none`,
          "Write tags: '{origin-tag}'.",
          4,
        ],
      ],
    )
  }
  assert.deepEqual(writesTo(scene.target), [])
  assert.equal((await scene.run(CHART)).exitCode, 0)
  assert.equal((await scene.run({ ...output, tags: '{origin-tag}' })).exitCode, 0)
  assert.match(
    await readFile(scene.path('out.lock'), 'utf8'),
    new RegExp(`image: "${scene.target.host}/${TARGET_PATH}:v1"`),
  )
})

test('an entry of a chart’s lock whose tag is gone has no name there either, and says why', async () => {
  await using scene = await PromotionScene.start()
  const image = await writeChartLock(scene, 'v0')
  const other = scene.reference()
  const gone = { lock: 'Images.lock', tags: '{origin-tag}', 'public-key': '', verify: 'none' }
  const output = { ...gone, tags: '', 'lock-output': scene.path('out.lock') }
  const refused = await scene.run(output)
  assert.deepEqual(
    refused.result.errors.map(({ message, location }) => [message, location?.line]),
    [
      [
        `\`lock-output\` of an Images.lock names images by tag, and this run gives "${image}" none, because the tag is gone at the source or means another image`,
        4,
      ],
    ],
  )
  const none = await scene.run(gone)
  assert.match(none.result.errors[0]?.message ?? '', /: those in the list are gone at the source or mean/)
  assert.deepEqual(writesTo(scene.target), [])
  const { exitCode, result } = await scene.run({ ...gone, images: other.replace('@', ':v1@') })
  assert.equal(exitCode, 0)
  assert.ok(
    result.warnings.includes(
      `"${image}" gets no tag: the one in its list is gone at the source or means another image`,
    ),
  )
})
