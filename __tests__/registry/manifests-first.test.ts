import assert from 'node:assert/strict'
import { test } from 'node:test'
import { HostLimits } from '../../src/registry/host-limits.ts'
import { buildImage } from '../builders/build-image.ts'
import { startRegistry } from '../fakes/registry-server.ts'
import { connect, PATH } from './connect.ts'

test('where requests wait for a place, manifests go in front of blobs', async (context) => {
  await using registry = await startRegistry()
  const image = buildImage({ seed: 'first' })
  image.putInto(registry.store, PATH, 'v1')
  const repository = connect(context, registry, { limits: new HostLimits(1) })
  const blobs = image.blobs.map(({ descriptor }) => repository.hasBlob(descriptor))
  await Promise.all([...blobs, repository.fetchManifest('v1'), repository.resolve(image.digest)])
  assert.deepEqual(
    registry.requests.map(({ method, path }) => `${method} ${path.split('/').at(-2)}`),
    ['HEAD blobs', 'GET manifests', 'HEAD manifests', ...image.blobs.slice(1).map(() => 'HEAD blobs')],
  )
})
