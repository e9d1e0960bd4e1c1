import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { PromotionError } from '../../src/errors.ts'
import { parseRepositoryName } from '../../src/oci/reference.ts'
import { BundleLocks } from '../../src/sources/bundle-locks.ts'
import { buildBundle } from '../builders/build-bundle.ts'
import { buildLock } from '../builders/build-lock.ts'
import { buildTar } from '../builders/build-tar.ts'
import type { BuiltArtifact } from '../builders/built-artifact.ts'
import { putArtifact } from '../builders/memory-sample.ts'
import { WatchedRepository } from '../fakes/watched-repository.ts'

function holding(...bundles: readonly BuiltArtifact[]): WatchedRepository {
  const repository = new WatchedRepository(parseRepositoryName('r.example/b'))
  for (const bundle of bundles) putArtifact(bundle, repository)
  return repository
}

function openLocks(): BundleLocks {
  return new BundleLocks((why) => new PromotionError('input', `The bundle ${why}`))
}

test('reads a lock that bundles have in common once, and lists at most 50,000 entries with its repetitions', async () => {
  const entries = Array.from({ length: 500 }, (_, index) => ({
    image: `r.example/a@sha256:${String(index).padStart(64, '0')}`,
  }))
  const twice = buildBundle([...entries, ...entries])
  const repository = holding(twice)
  const locks = openLocks()
  for (let count = 0; count < 100; count++) {
    assert.equal((await locks.read(twice.manifest, repository)).length, 500)
  }
  assert.equal(repository.reads.length, 1)
  const message = 'The bundle lists more than 50000 images with repetitions'
  await assert.rejects(locks.read(twice.manifest, repository), { message })
})

test('decompresses at most 256 MiB of all bundles together, and says so once to all who read', async () => {
  const zeros = gzipSync(buildTar('zeros', '0'.repeat(30 * 1024 * 1024)))
  const file = gzipSync(buildTar('.imgpkg/images.yml', buildLock([])))
  const bundles = [1, 2, 3].map((seed) => {
    const rest = gzipSync(Buffer.alloc(512 * seed))
    return buildBundle('', { layer: Buffer.concat([file, zeros, zeros, zeros, rest]) })
  })
  const repository = holding(...bundles)
  const locks = openLocks()
  const read = async (bundle: BuiltArtifact | undefined) => bundle && locks.read(bundle.manifest, repository)
  assert.deepEqual(await read(bundles[0]), [])
  const settled = await Promise.allSettled([read(bundles[1]), read(bundles[2])])
  assert.ok(settled.some(({ status }) => status === 'rejected'))
  const errors = settled.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []))
  assert.match(String(errors[0]), /The bundle is more than 256 MiB/)
  assert.equal(new Set(errors).size, 1)
})
