import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { digestOf } from '../../src/oci/digest.ts'
import { type Manifest, makeImageManifest } from '../../src/oci/manifest.ts'
import type { TargetRepository } from '../../src/registry/repository.ts'
import { buildReferrer } from '../builders/build-attached.ts'
import { buildImage } from '../builders/build-image.ts'
import { buildIndex } from '../builders/build-index.ts'
import type { BuiltArtifact } from '../builders/built-artifact.ts'

/** Two repositories of one registry, both empty. */
export interface Repositories {
  readonly repository: TargetRepository
  readonly sibling: TargetRepository
}

const IMAGE = buildImage({ seed: 'contract', layers: [Buffer.from('the first layer')] })
const OTHER = buildImage({ seed: 'contract, other' })
const SCAN = buildReferrer(IMAGE.descriptor, 'application/vnd.example.scan', 'scan', { by: 'a scanner' })
const NOTE = buildReferrer(IMAGE.descriptor, 'application/vnd.example.note', 'note')

/** What every TargetRepository keeps to, as tests with the implementation's name in front. */
export function testTargetRepository(
  name: string,
  make: (context: TestContext) => Promise<Repositories>,
): void {
  const contract = (rule: string, check: (repositories: Repositories) => Promise<void>): void => {
    test(`${name}: ${rule}`, async (context) => check(await make(context)))
  }

  contract('an empty repository has nothing, and says so without an error', async ({ repository }) => {
    const [layer] = IMAGE.blobs
    assert.equal(await repository.resolve('v1'), undefined)
    assert.equal(await repository.resolve(IMAGE.digest), undefined)
    assert.equal(await repository.fetchManifest('v1'), undefined)
    assert.equal(layer && (await repository.hasBlob(layer.descriptor)), false)
    assert.deepEqual(await repository.listReferrers(IMAGE.digest), [])
  })

  contract('what was pushed comes back byte for byte', async ({ repository }) => {
    await push(repository, IMAGE)
    const fetched = await repository.fetchManifest(IMAGE.digest)
    assert.deepEqual(bytesOf(fetched), Buffer.from(IMAGE.manifest.bytes))
    assert.deepEqual(await repository.resolve(IMAGE.digest), IMAGE.descriptor)
    for (const { descriptor, bytes } of IMAGE.blobs) {
      assert.equal(await repository.hasBlob(descriptor), true)
      assert.deepEqual(Buffer.from(await repository.readBlob(descriptor, 1000)), bytes)
      assert.deepEqual(Buffer.concat(await Array.fromAsync(repository.fetchBlob(descriptor))), bytes)
    }
  })

  contract('an index comes back as an index', async ({ repository }) => {
    const index = buildIndex([IMAGE, OTHER])
    await push(repository, index)
    const fetched = await repository.fetchManifest(index.digest)
    assert.deepEqual([fetched?.kind, bytesOf(fetched)], ['index', Buffer.from(index.manifest.bytes)])
  })

  contract('refuses a manifest whose blobs are missing, and has not stored it', async ({ repository }) => {
    await assert.rejects(repository.pushManifest(IMAGE.manifest))
    assert.equal(await repository.resolve(IMAGE.digest), undefined)
  })

  contract('refuses a blob that is not what its digest says', async ({ repository }) => {
    const [blob] = IMAGE.blobs
    assert.ok(blob)
    const wrong = Buffer.alloc(blob.descriptor.size)
    await assert.rejects(repository.pushBlob(blob.descriptor, wrong))
    assert.equal(await repository.hasBlob(blob.descriptor), false)
  })

  contract('refuses to read a blob beyond the limit, or one that is not there', async ({ repository }) => {
    await push(repository, IMAGE)
    const [, layer] = IMAGE.blobs
    assert.ok(layer)
    await assert.rejects(repository.readBlob(layer.descriptor, layer.descriptor.size - 1))
    const absent = { ...layer.descriptor, digest: digestOf('absent') }
    await assert.rejects(Array.fromAsync(repository.fetchBlob(absent)))
  })

  contract('a tag is made, moved and removed, and what it named stays', async ({ repository }) => {
    await push(repository, IMAGE)
    await push(repository, OTHER)
    await repository.tag('v1', IMAGE.manifest)
    assert.deepEqual(await repository.resolve('v1'), IMAGE.descriptor)
    await repository.tag('v1', OTHER.manifest)
    assert.equal((await repository.fetchManifest('v1'))?.descriptor.digest, OTHER.digest)
    assert.equal(await repository.removeTag('v1'), true)
    assert.equal(await repository.resolve('v1'), undefined)
    assert.deepEqual(await repository.resolve(OTHER.digest), OTHER.descriptor)
  })

  contract('mounts a blob that a sibling has, and no other', async ({ repository, sibling }) => {
    await push(sibling, IMAGE)
    const [, layer] = IMAGE.blobs
    assert.ok(layer)
    assert.equal(await repository.beginUpload(layer.descriptor, sibling.name), 'mounted')
    assert.equal(await repository.hasBlob(layer.descriptor), true)
    const absent = { ...layer.descriptor, digest: digestOf('absent') }
    const upload = await repository.beginUpload(absent, sibling.name)
    assert.ok(typeof upload !== 'string')
    await upload.cancel()
    assert.equal(await repository.hasBlob(absent), false)
  })

  contract('begins an upload of what is not there, and says what is', async ({ repository }) => {
    const [config, layer] = IMAGE.blobs
    assert.ok(config && layer)
    for (const { descriptor, bytes } of [config, layer]) {
      const upload = await repository.beginUpload(descriptor)
      assert.ok(typeof upload !== 'string')
      await upload.send(async function* () {
        yield bytes
      })
      assert.equal(await repository.beginUpload(descriptor), 'present')
      assert.equal(await repository.hasWholeBlob(descriptor), true)
    }
    assert.equal(await repository.hasWholeBlob({ ...layer.descriptor, digest: digestOf('absent') }), false)
  })

  contract('lists all of its tags', async ({ repository }) => {
    assert.deepEqual([...((await repository.listTags(10)) ?? [])], [])
    await push(repository, IMAGE)
    for (const tag of ['v1', 'v2', 'v3']) await repository.tag(tag, IMAGE.manifest)
    assert.deepEqual([...((await repository.listTags(10)) ?? [])].toSorted(), ['v1', 'v2', 'v3'])
  })

  contract('lists each referrer once, whenever it is listed', async ({ repository }) => {
    await push(repository, IMAGE)
    for (const referrer of [SCAN, NOTE, SCAN]) {
      await push(repository, referrer)
      await repository.listAsReferrer(referrer.manifest)
    }
    const listed = await repository.listReferrers(IMAGE.digest)
    assert.deepEqual(listed.map(({ digest }) => digest).toSorted(), [SCAN.digest, NOTE.digest].toSorted())
    const scan = listed.find(({ digest }) => digest === SCAN.digest)
    assert.equal(scan?.artifactType, 'application/vnd.example.scan')
    assert.deepEqual(scan?.annotations, { by: 'a scanner' })
    assert.deepEqual(await repository.listReferrers(OTHER.digest), [])
  })

  contract('merges a tag until the merge is content', async ({ repository }) => {
    await push(repository, IMAGE)
    const seen: (string | undefined)[] = []
    const stands = await repository.mergeTag('merged', async (current) => {
      seen.push(current?.descriptor.digest)
      return current === undefined ? IMAGE.manifest : undefined
    })
    assert.deepEqual(seen, [undefined, IMAGE.digest])
    assert.equal(stands?.descriptor.digest, IMAGE.digest)
  })

  contract('tries whether it can be written to, and nothing stays of that', async ({ repository }) => {
    const preflight = repository.preflight()
    await preflight.tryUpload()
    assert.equal(await preflight.pushRight(), 'unknown')
    assert.ok(['api', 'fallback tag'].includes(await preflight.referrersPlace(IMAGE.digest)))
    assert.deepEqual([...((await repository.listTags(10)) ?? [])], [])
    assert.equal(await repository.resolve(IMAGE.digest), undefined)
  })

  contract('one writer at a time merges a tag', async ({ repository }) => {
    await push(repository, IMAGE)
    const layers = IMAGE.manifest.kind === 'image' ? IMAGE.manifest.layers : []
    const add = (name: string) =>
      repository.mergeTag('merged', async (current) => {
        const annotations = current?.annotations ?? {}
        if (name in annotations) return undefined
        const config = layers[0]
        assert.ok(config)
        return makeImageManifest({ config, layers, annotations: { ...annotations, [name]: 'added' } })
      })
    await Promise.all(['one', 'two', 'three'].map(add))
    const merged = await repository.fetchManifest('merged')
    assert.deepEqual(Object.keys(merged?.annotations ?? {}).toSorted(), ['one', 'three', 'two'])
  })
}

async function push(repository: TargetRepository, artifact: BuiltArtifact): Promise<void> {
  for (const { descriptor, bytes } of artifact.blobs) {
    await repository.pushBlob(descriptor, bytes)
  }
  for (const manifest of artifact.manifests) await repository.pushManifest(manifest)
}

function bytesOf(manifest: Manifest | undefined): Buffer | undefined {
  return manifest && Buffer.from(manifest.bytes)
}
