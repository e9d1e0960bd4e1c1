import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FaultScene } from './fault-scene.ts'
import { NO_FAULT, runFault } from './run-fault.ts'
import { destroyedIn, incompleteAt, snapshotOf } from './target-checks.ts'

test('a promotion without a fault leaves nothing to complain of', async () => {
  assert.deepEqual((await runFault(NO_FAULT, 'target')).problems, [])
})

test('what is lost, changed or not attached is seen', async () => {
  await using scene = await FaultScene.start('target')
  const [app] = scene.images
  assert.ok(app)
  const repository = scene.target.store.repository('prod/app')
  app.sample.putInto(scene.target.store, 'prod/app')
  assert.deepEqual(incompleteAt(scene.target, app), [])
  const before = snapshotOf(repository)
  const [child] = app.sample.children
  const [blob] = app.sample.image.blobs
  assert.ok(child && blob)
  repository.manifests.delete(child.digest)
  repository.putBlob(Buffer.from('other'), blob.descriptor.digest)
  const sbom = app.sample.attached.find(({ kind }) => kind === 'sbom')?.artifact
  repository.tags.delete(sbom?.attachedTag ?? '')
  const lost = [
    `the manifest ${child.digest} is missing or changed`,
    `the blob ${blob.descriptor.digest} is missing or changed`,
  ]
  assert.deepEqual(
    incompleteAt(scene.target, app),
    [...lost, `the sbom ${sbom?.digest} is not attached`].map((problem) => `prod/app: ${problem}`),
  )
  assert.deepEqual(destroyedIn(repository, before, []), [
    `the tag ${sbom?.attachedTag} lost something`,
    ...lost,
  ])
})

test('a tag may move where it is meant to, and elsewhere only to what holds all that it held', async () => {
  await using scene = await FaultScene.start('target')
  const repository = scene.target.store.repository('prod/app')
  const before = snapshotOf(repository)
  const [app] = scene.images
  assert.ok(app)
  app.sample.image.putInto(scene.target.store, 'prod/app', 'v1')
  assert.deepEqual(destroyedIn(repository, before, ['v1']), [])
  assert.deepEqual(destroyedIn(repository, before, []), ['the tag v1 lost something'])
})
