import assert from 'node:assert/strict'
import { after, afterEach, before, describe, test } from 'node:test'
import { fallbackTag } from '../../src/oci/attached-tag.ts'
import { MEDIA_TYPES } from '../../src/oci/media-types.ts'
import { buildReferrer, buildSbom } from '../builders/build-attached.ts'
import { buildImage } from '../builders/build-image.ts'
import { buildKeys } from '../builders/build-keys.ts'
import { PromotedScene } from '../builders/promoted-scene.ts'
import { SOURCE_PATH, TARGET_PATH, writesTo } from '../builders/promotion-scene.ts'

const REBUILD = { 'rebuild-fallback': 'true' }

for (const referrersApi of [true, false]) {
  describe(`on a registry ${referrersApi ? 'with' : 'without'} the referrers API, a repair`, () => {
    let at: PromotedScene
    before(async () => {
      at = await PromotedScene.start({ referrersApi })
    })
    after(() => at?.[Symbol.asyncDispose]())
    afterEach(() => at.restore())

    test('brings all that is missing of an image, moves none of its tags, and writes nothing the second time', async () => {
      at.there.manifests.delete(at.child)
      at.there.manifests.delete(at.scan)
      for (const kind of ['sig', 'att', 'sbom'] as const) at.there.tags.delete(at.tagOf(kind))
      at.there.tags.delete('v1')
      const { exitCode, result } = await at.repair()
      assert.deepEqual([exitCode, result.errors], [0, []])
      assert.deepEqual([result.totals.copied, result.images[0]?.targets[0]?.tags], [1, []])
      assert.equal(at.there.tags.get('v1'), undefined)
      assert.equal((await at.check({ tags: '' })).exitCode, 0)
      at.scene.target.requests.length = 0
      const again = await at.repair()
      assert.deepEqual([again.exitCode, again.result.totals.present], [0, 1])
      assert.equal(again.result.images[0]?.targets[0]?.mended, undefined)
      assert.deepEqual(writesTo(at.scene.target), [])
    })

    test('does not bring an image that is not there, and mends the others', async () => {
      const { scene, there } = at
      const image = buildImage({ seed: 'not promoted' })
      image.putInto(scene.source.store, SOURCE_PATH)
      await scene.list({ image: scene.reference(image.digest) }, { image: scene.reference() })
      there.tags.delete(at.tagOf('sig'))
      const { exitCode, result } = await at.repair()
      assert.equal(exitCode, 9)
      assert.deepEqual(
        result.errors.map(({ kind, message, location }) => [kind, message, location?.line]),
        [
          [
            'drift',
            `${scene.target.host}/${TARGET_PATH}@${image.digest} is not there, and repair mends only images that are`,
            4,
          ],
        ],
      )
      assert.deepEqual(
        result.images.map(({ targets }) => targets[0]?.mended?.map(({ kind }) => kind)),
        [['sig']],
      )
      assert.ok(there.tags.has(at.tagOf('sig')))
      assert.ok(!there.manifests.has(image.digest))
    })

    test('brings nothing that the policy refuses', async () => {
      at.there.tags.delete(at.tagOf('sig'))
      const key = await at.scene.write('other.pub', buildKeys().publicPem)
      assert.equal((await at.repair({ 'public-key': key })).exitCode, 5)
      assert.deepEqual(writesTo(at.scene.target), [])
    })

    test('leaves an SBOM alone that is another than the one at the source, and says so', async () => {
      const { scene, there } = at
      const other = buildSbom(scene.sample.image.descriptor, 'other')
      other.putInto(scene.target.store, TARGET_PATH)
      const { exitCode, result } = await at.repair()
      assert.equal(exitCode, 7)
      assert.match(result.errors[0]?.message ?? '', /\.sbom already holds another artifact/)
      assert.equal(there.tags.get(at.tagOf('sbom')), other.digest)
    })

    test('says that the source does not have the image any more', async () => {
      at.source.tags.clear()
      at.source.manifests.clear()
      const { exitCode, result } = await at.repair()
      assert.equal(exitCode, 3)
      assert.match(result.errors[0]?.message ?? '', /team\/app@sha256:\w+ does not exist \(404\)/)
    })

    describe('where an image was written over a fallback tag', () => {
      const poison = buildImage({
        seed: 'poison',
        annotations: { 'org.opencontainers.image.created': '2026-01-02T03:04:05Z' },
      })

      function spoil(): string {
        const tag = fallbackTag(at.scene.sample.image.digest)
        poison.putInto(at.scene.target.store, TARGET_PATH, tag)
        return tag
      }

      test('says what stands there, since when and what it hides, and leaves it alone', async () => {
        const tag = spoil()
        const { exitCode, result } = await at.repair()
        assert.equal(exitCode, 7)
        const [found] = result.fallbackTags ?? []
        assert.deepEqual(
          { ...found, hidden: found?.hidden.length },
          {
            tag: `${at.scene.target.host}/${TARGET_PATH}:${tag}`,
            subject: at.root,
            found: 'no index',
            digest: poison.digest,
            since: '2026-01-02T03:04:05.000Z',
            falseEntries: [],
            hidden: 2,
            action: 'left',
          },
        )
        assert.match(
          result.errors[0]?.message ?? '',
          /holds an image \(sha256:\w+\) where the list .* made at 2026-01-02T03:04:05.*; it hides at least 2 of them$/,
        )
        assert.match(result.errors[0]?.hint ?? '', /rebuild-fallback: true/)
        assert.deepEqual(writesTo(at.scene.target), [])
      })

      test('writes the list anew if told to, keeps what stood there, and has nothing to do the second time', async () => {
        spoil()
        at.there.tags.delete(at.tagOf('sig'))
        const { exitCode, result } = await at.repair(REBUILD)
        assert.deepEqual([exitCode, result.errors], [0, []])
        const [found] = result.fallbackTags ?? []
        assert.deepEqual([found?.action, found?.isKept], ['rebuilt', true])
        assert.ok(at.there.manifests.has(poison.digest))
        assert.equal((await at.check()).exitCode, 0)
        at.scene.target.requests.length = 0
        const again = await at.repair(REBUILD)
        assert.deepEqual([again.exitCode, again.result.fallbackTags], [0, []])
        assert.deepEqual(writesTo(at.scene.target), [])
      })

      test('writes nothing anew for an image that the policy refuses', async () => {
        spoil()
        const key = await at.scene.write('other.pub', buildKeys().publicPem)
        assert.equal((await at.repair({ ...REBUILD, 'public-key': key })).exitCode, 5)
        assert.deepEqual(writesTo(at.scene.target), [])
      })
    })

    test('ends with the error of a registry that does not answer, and looks for no list behind it', async () => {
      const { scene } = at
      scene.target.fault(({ path }) => path.endsWith(at.tagOf('sig')), 99, { status: 403 })
      const { exitCode, result } = await at.repair(REBUILD)
      assert.deepEqual([exitCode, result.fallbackTags], [4, []])
      const asked = scene.source.requests.filter(({ path }) => path.endsWith(at.root))
      assert.ok(asked.length <= 1)
    })

    test('rebuilds a list that is not even JSON', async () => {
      const broken = at.there.putManifest(Buffer.from('{"schemaVersion":2'), MEDIA_TYPES.ociIndex)
      at.there.tags.set(fallbackTag(at.scene.sample.image.digest), broken)
      const left = await at.repair()
      assert.deepEqual([left.exitCode, left.result.fallbackTags?.[0]?.found], [7, 'unreadable'])
      const { exitCode, result } = await at.repair(REBUILD)
      assert.deepEqual([exitCode, result.errors], [0, []])
      assert.equal((await at.check()).exitCode, 0)
    })

    test('leaves out of a list what is not there and what refers to something else, and keeps what others have listed', async () => {
      const { scene, there } = at
      const { image, children } = scene.sample
      const theirs = buildReferrer(image.descriptor, 'application/vnd.example.other', 'theirs')
      theirs.putInto(scene.target.store, TARGET_PATH)
      const gone = buildReferrer(image.descriptor, 'application/vnd.example.gone', 'gone')
      const foreign = buildReferrer(
        children[0]?.descriptor ?? image.descriptor,
        'application/vnd.example.foreign',
        'f',
      )
      foreign.putInto(scene.target.store, TARGET_PATH)
      const tag = fallbackTag(image.digest)
      const index = {
        schemaVersion: 2,
        mediaType: MEDIA_TYPES.ociIndex,
        manifests: [theirs, gone, foreign].map(({ descriptor }) => ({ ...descriptor, theirs: true })),
        theirs: true,
      }
      there.tags.set(tag, there.putManifest(Buffer.from(JSON.stringify(index)), MEDIA_TYPES.ociIndex))
      const left = await at.repair()
      // A registry that takes down what its lists name takes none that names what is not there.
      assert.equal(left.exitCode, referrersApi ? 0 : 4)
      assert.match(
        left.reporter.warnings.map(({ message }) => message).join('\n'),
        /lists 2 referrers .* that are not there or refer to something else/,
      )
      const { exitCode, result } = await at.repair(REBUILD)
      assert.deepEqual([exitCode, result.errors], [0, []])
      assert.deepEqual(result.fallbackTags?.[0]?.falseEntries, [gone.digest, foreign.digest])
      const rebuilt = JSON.parse(String(there.findManifest(tag)?.bytes))
      const digests: readonly string[] = rebuilt.manifests.map(
        ({ digest }: { readonly digest: string }) => digest,
      )
      assert.deepEqual(
        [rebuilt.theirs, rebuilt.manifests[0].theirs, digests.includes(theirs.digest)],
        [true, true, true],
      )
      assert.ok(
        !digests.includes(gone.digest) && !digests.includes(foreign.digest) && digests.includes(at.scan),
      )
    })
  })
}

describe('a list of referrers is not rebuilt', () => {
  let at: PromotedScene
  before(async () => {
    at = await PromotedScene.start({ referrersApi: false })
  })
  after(() => at?.[Symbol.asyncDispose]())
  afterEach(() => at.restore())

  /** Lists one more entry that is false, which is a reason to rebuild; returns the tag. */
  function listAlso(...entries: readonly object[]): string {
    const { image } = at.scene.sample
    const tag = fallbackTag(image.digest)
    const list = JSON.parse(String(at.there.findManifest(tag)?.bytes))
    const gone = buildReferrer(image.descriptor, 'application/vnd.example.gone', 'gone')
    const manifests = [...list.manifests, gone.descriptor, ...entries]
    const text = JSON.stringify({ ...list, manifests })
    at.there.tags.set(tag, at.there.putManifest(Buffer.from(text), MEDIA_TYPES.ociIndex))
    return tag
  }

  async function refusal(options?: Parameters<PromotedScene['repair']>[1]): Promise<string> {
    const { exitCode, result } = await at.repair(REBUILD, options)
    assert.deepEqual([exitCode, writesTo(at.scene.target)], [4, []])
    return result.errors.map(({ message }) => message).join('\n')
  }

  /** When the targets have been looked at, no question about the tag is answered any more. */
  function failLater(tag: string): Parameters<PromotedScene['repair']>[1] {
    const fail = () => at.scene.target.fault(({ path }) => path.endsWith(tag), 99, { status: 403 })
    return { onStepEnd: (name) => name === 'Look at the targets' && fail() }
  }

  test('where it names something of the image that is there and cannot be read', async () => {
    const { descriptor } = at.scene.sample.image
    const mediaType = 'application/vnd.oci.artifact.manifest.v1+json'
    const bytes = Buffer.from(JSON.stringify({ mediaType, artifactType: 'x/scan', subject: descriptor }))
    const digest = at.there.putManifest(bytes, mediaType)
    listAlso({ mediaType, digest, size: bytes.byteLength })
    assert.ok((await refusal()).includes(digest))
  })

  test('where it cannot be looked at a second time', async () => {
    assert.match(await refusal(failLater(listAlso())), /answered 403/)
  })

  test('where it hides the image and cannot be looked at a second time: why the image is hidden is told, and that alone', async () => {
    const tag = fallbackTag(at.scene.sample.image.digest)
    buildImage({ seed: 'poison' }).putInto(at.scene.target.store, TARGET_PATH, tag)
    assert.match(await refusal(failLater(tag)), /^(?!.*403).*$/)
  })

  for (const isEntry of [false, true]) {
    test(`where ${isEntry ? 'something that it names' : 'it'} is damaged on the way`, async () => {
      const tag = listAlso()
      const path = isEntry ? at.scan : tag
      at.scene.target.fault((one) => one.method === 'GET' && one.path.endsWith(path), 99, 'short body')
      assert.match(await refusal(), /with the digest sha256:/)
    })
  }
})
