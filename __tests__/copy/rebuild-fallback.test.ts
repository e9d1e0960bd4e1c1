import assert from 'node:assert/strict'
import { test } from 'node:test'
import { rebuildFallback } from '../../src/copy/rebuild-fallback.ts'
import { PromotionError } from '../../src/errors.ts'
import { fallbackTag } from '../../src/oci/attached-tag.ts'
import { digestOf } from '../../src/oci/digest.ts'
import { buildReferrer } from '../builders/build-attached.ts'
import { buildImage } from '../builders/build-image.ts'
import { listedImage } from '../builders/listed-image.ts'
import { putArtifact } from '../builders/memory-sample.ts'
import { MemoryRepository } from '../fakes/memory-repository.ts'

const { signal } = new AbortController()
const image = buildImage({ seed: 'subject' })
const poison = buildImage({ seed: 'poison' })
const referrer = buildReferrer(image.descriptor, 'application/vnd.example.scan', 'scan')
const tag = fallbackTag(image.digest)

/** A registry that takes a tag and goes on showing what stood there. */
class StubbornRepository extends MemoryRepository {
  override async tag(): Promise<void> {
    this.writes.push('taken')
  }
}

function scene(repository = new MemoryRepository({ registry: 'prod.example', path: 'app' })) {
  for (const artifact of [image, referrer]) putArtifact(artifact, repository)
  putArtifact(poison, repository, tag)
  const found = {
    image: listedImage('dev.example/app', image.digest),
    repository: repository.name,
    tag,
    subject: image.digest,
    standing: poison.manifest,
    digest: poison.digest,
    since: undefined,
    valid: [],
    falseEntries: [],
    hidden: [referrer.manifest],
  }
  return { repository, found }
}

const kindOf = (kind: PromotionError['kind']) => (error: unknown) =>
  error instanceof PromotionError && error.kind === kind

test('lists what was hidden, and says that what stood there is still there', async () => {
  const { repository, found } = scene()
  assert.equal(await rebuildFallback(found, repository, signal), true)
  const list = await repository.fetchManifest(tag)
  assert.deepEqual(list?.kind === 'index' && list.children.map(({ digest }) => digest), [referrer.digest])
})

test('says where what stood there is gone', async () => {
  const { repository, found } = scene()
  repository.tags.set(tag, image.digest)
  const gone = { ...found, standing: image.manifest, digest: image.digest }
  class Forgetful extends MemoryRepository {
    override async tag(name: string, manifest: Parameters<MemoryRepository['tag']>[1]): Promise<void> {
      await super.tag(name, manifest)
      this.manifests.delete(image.digest)
    }
  }
  const forgetful = new Forgetful(repository.name)
  putArtifact(image, forgetful, tag)
  putArtifact(referrer, forgetful)
  assert.equal(await rebuildFallback(gone, forgetful, signal), false)
})

test('does not write over what somebody else has written there since', async () => {
  const { repository, found } = scene()
  const stale = { ...found, digest: digestOf('what stood there when it was looked at') }
  await assert.rejects(rebuildFallback(stale, repository, signal), kindOf('conflict'))
  assert.deepEqual(repository.writes, [])
})

test('believes no registry that does not give the list back', async () => {
  const { repository, found } = scene(new StubbornRepository({ registry: 'prod.example', path: 'app' }))
  await assert.rejects(rebuildFallback(found, repository, signal), kindOf('incomplete'))
  assert.deepEqual(repository.writes, ['taken'])
})
