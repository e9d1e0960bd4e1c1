import assert from 'node:assert/strict'
import { test } from 'node:test'
import { makeImageManifest } from '../../src/oci/manifest.ts'
import { MEDIA_TYPES } from '../../src/oci/media-types.ts'
import { madeAt } from '../../src/repair/made-at.ts'
import { putBlob } from '../builders/memory-image.ts'
import { MemoryRepository } from '../fakes/memory-repository.ts'

for (const [what, config, annotations, expected] of [
  [
    'the annotation',
    '{}',
    { 'org.opencontainers.image.created': '2026-01-02T03:04:05Z' },
    '2026-01-02T03:04:05.000Z',
  ],
  ['the config of the image', '{"created":"2026-02-03T04:05:06.789Z"}', {}, '2026-02-03T04:05:06.789Z'],
  ['nobody, where the config has no time', '{}', {}, undefined],
  ['nobody, where the config is no JSON', 'config', {}, undefined],
  [
    'nobody, where a reproducible build says the beginning of time',
    '{"created":"1970-01-01T00:00:00Z"}',
    {},
    undefined,
  ],
] as const) {
  test(`when something was made says ${what}`, async () => {
    const repository = new MemoryRepository({ registry: 'prod.example', path: 'app' })
    const manifest = makeImageManifest({
      config: await putBlob(repository, config, MEDIA_TYPES.ociConfig),
      layers: [],
      annotations,
    })
    assert.equal((await madeAt(manifest, repository))?.toISOString(), expected)
  })
}

test('a config that is not there says nothing', async () => {
  const full = new MemoryRepository({ registry: 'prod.example', path: 'app' })
  const config = await putBlob(full, '{"created":"2026-02-03T04:05:06Z"}', MEDIA_TYPES.ociConfig)
  const empty = new MemoryRepository(full.name)
  assert.equal(await madeAt(makeImageManifest({ config, layers: [] }), empty), undefined)
})
