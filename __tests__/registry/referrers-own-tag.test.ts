import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fallbackTag } from '../../src/oci/attached-tag.ts'
import { buildReferrer } from '../builders/build-attached.ts'
import { buildImage } from '../builders/build-image.ts'
import { buildIndex } from '../builders/build-index.ts'
import type { BuiltArtifact } from '../builders/built-artifact.ts'
import { PromotionScene } from '../builders/promotion-scene.ts'
import { startRegistry } from '../fakes/registry-server.ts'
import { connect, PATH } from './connect.ts'

const CHILD = buildImage({ seed: 'a child' })
const SUBJECTS: readonly (readonly [kind: string, subject: BuiltArtifact])[] = [
  ['an image', CHILD],
  ['an index', buildIndex([CHILD])],
]

for (const [kind, subject] of SUBJECTS) {
  test(`takes ${kind} under its own fallback tag for no list of referrers, and does not write over it`, async (context) => {
    await using registry = await startRegistry({ referrersApi: false, tagsAsDigests: true })
    subject.putInto(registry.store, PATH)
    const hidden: string[] = []
    const repository = connect(context, registry, { onHiddenReferrers: (host) => hidden.push(host) })
    for (const _ of [1, 2]) assert.deepEqual(await repository.listReferrers(subject.digest), [])
    assert.deepEqual(hidden, [registry.host])

    const { manifest } = buildReferrer(subject.descriptor, 'application/vnd.example.scan', 'a scan')
    await assert.rejects(repository.listAsReferrer(manifest), {
      message: `GET http://${registry.host}/v2/${PATH}/manifests/${fallbackTag(subject.digest)} answered 200 with ${subject.digest} itself where the list of its referrers belongs`,
      hint: /`signature-format: tag`/,
    })
    assert.deepEqual(registry.requestsBy('PUT'), [])
  })
}

test('tells of no hidden referrers where the API lists them, or a tag does', async (context) => {
  for (const switches of [{ referrersApi: true, tagsAsDigests: true }, { referrersApi: false }]) {
    await using registry = await startRegistry(switches)
    CHILD.putInto(registry.store, PATH)
    const onHiddenReferrers = () => assert.fail('told of hidden referrers')
    assert.deepEqual(await connect(context, registry, { onHiddenReferrers }).listReferrers(CHILD.digest), [])
  }
})

test('a promotion from where referrers cannot be seen warns of it once', async () => {
  await using scene = await PromotionScene.start({ referrersApi: false, tagsAsDigests: true })
  CHILD.putInto(scene.source.store, 'plain/app', 'v1')
  await scene.list({ image: `${scene.source.host}/plain/app@${CHILD.digest}` })
  const { exitCode, result } = await scene.run({ 'public-key': '', verify: 'none' })
  assert.equal(exitCode, 0, JSON.stringify(result.errors))
  const told = result.warnings.filter((warning) => warning.includes('as a referrer is not seen'))
  assert.equal(told.length, 1, result.warnings.join('\n'))
  assert.ok(told[0]?.startsWith(`${scene.source.host} has no referrers API`))
})
