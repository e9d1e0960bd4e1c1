import assert from 'node:assert/strict'
import { test } from 'node:test'
import { writeLocations } from '../../src/copy/write-locations.ts'
import { parseRepositoryName } from '../../src/oci/reference.ts'
import { memoryImage } from '../builders/memory-image.ts'
import { MemoryRegistries } from '../fakes/memory-registries.ts'

const REPOSITORY = 'prod.example/bundles'

function change(tag: string, line: number) {
  const location = { file: 'images.yml', line }
  return { repository: parseRepositoryName(REPOSITORY), tag, locations: [], location }
}

test('tells what was written besides what was not, each problem with the place of its bundle', async () => {
  const registries = new MemoryRegistries()
  const target = registries.at(REPOSITORY)
  const other = await memoryImage()
  const standing = await other.repository.fetchManifest(other.digest)
  assert.ok(standing)
  for (const [digest, bytes] of other.repository.blobs) target.blobs.set(digest, bytes)
  await target.tag('second', standing)
  const changes = [change('first', 1), change('second', 2), change('third', 3)]
  const { written, errors } = await writeLocations(changes, registries)
  assert.deepEqual(written, [`${REPOSITORY}:first`, `${REPOSITORY}:third`])
  assert.deepEqual(
    errors.map(({ kind, location }) => [kind, location?.line]),
    [['conflict', 2]],
  )
})
