import assert from 'node:assert/strict'
import { after, afterEach, before, describe, test } from 'node:test'
import { attachedTag, fallbackTag } from '../../src/oci/attached-tag.ts'
import { buildBundleSignature, buildSignatures } from '../builders/build-attached.ts'
import { buildImage } from '../builders/build-image.ts'
import { buildKeys } from '../builders/build-keys.ts'
import { buildLock } from '../builders/build-lock.ts'
import { PromotedScene } from '../builders/promoted-scene.ts'
import { SOURCE_PATH, TARGET_PATH, writesTo } from '../builders/promotion-scene.ts'

/** What is done to a target, and what has to be found then. */
type Disturbance = readonly [
  what: string,
  expected: readonly (readonly [kind: string, message: RegExp])[],
  disturb: (at: PromotedScene) => unknown,
]

const DISTURBANCES: readonly Disturbance[] = [
  [
    'an image that was deleted, and not its tags besides',
    [['image-missing', /prod\/app@sha256:\w+ is not there/]],
    ({ there, root }) => {
      there.manifests.delete(root)
      there.tags.delete('v1')
    },
  ],
  [
    'a child that was deleted, and not what is attached to it besides',
    [['child-missing', /lacks sha256:\w+ \(linux\/amd64\), which its index lists/]],
    ({ there, child }) => there.manifests.delete(child),
  ],
  [
    'a signature that was removed',
    [['attached-missing', /lacks the signatures \(\.sig\) sha256:\w+, which the source has/]],
    (at) => at.there.tags.delete(at.tagOf('sig')),
  ],
  [
    'the SBOM of a child that was removed',
    [['attached-missing', /lacks the SBOM \(\.sbom\) sha256:\w+ of sha256:\w+, which the source has/]],
    ({ there, child }) => there.tags.delete(`${child.replace(':', '-')}.sbom`),
  ],
  [
    'a referrer that was removed, and not what is attached to it besides',
    [['attached-missing', /lacks the referrer sha256:\w+, which the source has/]],
    ({ there, scan }) => there.manifests.delete(scan),
  ],
  [
    'a tag that was moved',
    [['tag-moved', /prod\/app:v1 leads to sha256:\w+, not to sha256:/]],
    ({ scene }) => buildImage({ seed: 'other' }).putInto(scene.target.store, TARGET_PATH, 'v1'),
  ],
  [
    'a tag that was deleted',
    [['tag-missing', /prod\/app:v1 is not there; it should lead to sha256:/]],
    ({ there }) => there.tags.delete('v1'),
  ],
  [
    'a tag that leads to a listed image and that nobody wants',
    [['tag-extra', /prod\/app:latest leads to sha256:\w+, which is listed without that tag/]],
    ({ there, scene }) => there.tags.set('latest', scene.sample.image.digest),
  ],
  [
    'tags that lead to an image that nobody has signed, once an image',
    [
      [
        'tag-unproven',
        /prod\/app:evil \(and worse\) leads to an image that is not listed: .* it has no signature/,
      ],
    ],
    ({ scene, there }) => {
      const evil = buildImage({ seed: 'evil' })
      evil.putInto(scene.target.store, TARGET_PATH, 'evil')
      there.tags.set('worse', evil.digest)
    },
  ],
]

for (const referrersApi of [true, false]) {
  describe(`on a registry ${referrersApi ? 'with' : 'without'} the referrers API, a check`, () => {
    let at: PromotedScene
    before(async () => {
      at = await PromotedScene.start({ referrersApi })
    })
    after(() => at?.[Symbol.asyncDispose]())
    afterEach(() => at.restore())

    test('finds nothing where all is as promoted, and asks about as much as a plan', async () => {
      const { exitCode, result, reporter } = await at.check()
      assert.deepEqual([exitCode, result.errors, result.drift, reporter.warnings], [0, [], [], []])
      assert.deepEqual([result.totals.verified, result.totals.present], [1, 1])
      const asked = at.scene.target.requests.length + at.scene.source.requests.length
      await at.restore()
      assert.equal((await at.scene.run({ command: 'plan' })).exitCode, 0)
      const { target, source } = at.scene
      assert.ok(asked <= target.requests.length + source.requests.length)
    })

    for (const [what, expected, disturb] of DISTURBANCES) {
      test(`finds ${what}, and writes nothing`, async () => {
        disturb(at)
        const { exitCode, result } = await at.check()
        const drift = result.drift ?? []
        assert.equal(exitCode, 9, JSON.stringify(result.errors))
        assert.deepEqual(
          drift.map(({ kind }) => kind),
          expected.map(([kind]) => kind),
        )
        for (const [index, [, message]] of expected.entries()) {
          assert.match(drift[index]?.message ?? '', message)
        }
        assert.deepEqual(
          result.errors.map(({ kind, message, location }) => [kind, message, location?.line]),
          drift.map(({ kind, message }) => ['drift', `${message} [${kind}]`, 4]),
        )
        assert.deepEqual(writesTo(at.scene.target), [])
      })
    }
  })
}

describe('a check', () => {
  let at: PromotedScene
  before(async () => {
    at = await PromotedScene.start()
  })
  after(() => at?.[Symbol.asyncDispose]())
  afterEach(() => at.restore())

  test('says who has signed instead, where the signatures were replaced', async () => {
    const { scene, there } = at
    const keys = buildKeys()
    const { descriptor } = scene.sample.image
    for (const digest of [...there.manifests.keys()]) {
      if (there.manifests.get(digest)?.subject === descriptor.digest) there.manifests.delete(digest)
    }
    buildSignatures(descriptor, [{ keys }]).putInto(scene.target.store, TARGET_PATH)
    buildBundleSignature(descriptor, { keys }).putInto(scene.target.store, TARGET_PATH)
    const { exitCode, result } = await at.check()
    assert.equal(exitCode, 9)
    const refusal = result.drift?.find(({ kind }) => kind === 'policy')?.message ?? ''
    assert.match(refusal, /^\S+\/prod\/app@sha256:\w+ does not satisfy the policy/)
    assert.ok(refusal.includes(`it names the key sha256:${keys.hint} as its maker`), refusal)
  })

  test('goes on where the source does not have the image any more, and says what is not known then', async () => {
    at.source.tags.clear()
    at.source.manifests.clear()
    const whole = await at.check()
    at.there.manifests.delete(at.child)
    const broken = await at.check()
    at.there.manifests.delete(at.root)
    const gone = await at.check()
    assert.deepEqual([whole.exitCode, whole.result.totals.verified], [0, 1])
    assert.match(
      whole.result.warnings.join('\n'),
      /is not there any more \(404\): whether the targets have all/,
    )
    assert.deepEqual(
      broken.result.drift?.map(({ kind }) => kind),
      ['child-missing'],
    )
    assert.deepEqual(
      gone.result.drift?.map(({ kind }) => kind),
      ['image-missing'],
    )
  })

  for (const [side, status] of [
    ['source', 403],
    ['target', 403],
    ['source', 500],
  ] as const) {
    test(`ends with an error, and not with drift, where the ${side} answers ${status}`, async () => {
      at.scene[side].fault(({ path }) => path.endsWith(at.tagOf('sig')), 99, { status })
      const { exitCode, result } = await at.check()
      assert.deepEqual([exitCode, result.drift], [4, []])
    })
  }

  test('tells what it found although another image could not be looked at', async () => {
    const { scene, there } = at
    const image = buildImage({ seed: 'second' })
    image.putInto(scene.source.store, SOURCE_PATH)
    await scene.list({ image: scene.reference() }, { image: scene.reference(image.digest) })
    scene.target.fault(({ path }) => path.includes(image.digest), 99, { status: 403 })
    there.tags.delete(at.tagOf('att'))
    const { exitCode, result } = await at.check({ tags: '' })
    assert.equal(exitCode, 4)
    assert.deepEqual(
      result.errors.map(({ kind, location }) => [kind, location?.line]),
      [
        ['registry', 5],
        ['drift', 4],
      ],
    )
  })

  test('takes the tag of another release with the same image for extra, unless both are listed', async () => {
    const { scene, there } = at
    const named = (tag: string) => ({ image: `${scene.reference().replace('@', `:${tag}@`)}` })
    there.tags.set('v0', scene.sample.image.digest)
    const alone = await at.check()
    assert.deepEqual([alone.exitCode, alone.result.drift?.map(({ kind }) => kind)], [9, ['tag-extra']])
    assert.match(
      alone.result.errors[0]?.hint ?? '',
      /the lists of both releases together, with `{origin-tag}`/,
    )
    await scene.list(named('v1'))
    await scene.write('images-0.yml', buildLock([named('v0')]))
    const together = await at.check({ lock: 'images*.yml', tags: '{origin-tag}' })
    assert.deepEqual([together.exitCode, together.result.drift], [0, []])
  })

  test('takes an older release that satisfies the policy for no drift, and counts it', async () => {
    const { scene } = at
    const older = buildImage({ seed: 'older' })
    older.putInto(scene.target.store, TARGET_PATH, 'v0')
    buildSignatures(older.descriptor, [{ keys: scene.keys }]).putInto(scene.target.store, TARGET_PATH)
    const { exitCode, reporter } = await at.check()
    assert.equal(exitCode, 0)
    assert.match(reporter.infos.join('\n'), /other tags that lead to images as the policy wants them: 1/)
  })

  test('only counts other images where nobody need have signed any', async () => {
    buildImage({ seed: 'any' }).putInto(at.scene.target.store, TARGET_PATH, 'any')
    const { exitCode, reporter } = await at.check({ verify: 'none', 'public-key': '' })
    assert.equal(exitCode, 0)
    assert.match(reporter.infos.join('\n'), /as the policy wants them: 1/)
  })

  test('warns where a registry gives no list of tags', async () => {
    at.scene.target.fault(({ path }) => path.endsWith('/tags/list'), 99, { status: 403 })
    const { exitCode, reporter } = await at.check()
    assert.equal(exitCode, 0)
    assert.match(reporter.warnings.map(({ message }) => message).join('\n'), /gives no list of its tags/)
  })

  test('looks at each target by itself, and reports which of them is off', async () => {
    const { scene, there } = at
    scene.sample.image.putInto(scene.target.store, 'prod/first', 'v1')
    scene.sample.putInto(scene.target.store, 'prod/second', 'v1')
    there.tags.delete(at.tagOf('sbom'))
    const to = ['second', 'first', 'app'].map((name) => `${scene.target.host}/prod/${name}`).join('\n')
    const { result } = await at.check({ to })
    assert.deepEqual(
      result.images[0]?.targets.map(({ outcome }) => outcome),
      ['present', 'drifted', 'drifted'],
    )
    const off = result.drift?.map(({ kind, repository }) => `${kind} ${repository.split('/').at(-1)}`)
    assert.deepEqual([...new Set(off)], ['attached-missing first', 'policy first', 'attached-missing app'])
    assert.equal(result.totals.verified, 0)
  })

  test('says of a fallback tag that was written over what mends it', async () => {
    const { scene } = at
    buildImage({ seed: 'poison' }).putInto(
      scene.target.store,
      TARGET_PATH,
      fallbackTag(scene.sample.image.digest),
    )
    const { exitCode, result } = await at.check()
    assert.equal(exitCode, 4)
    assert.match(result.errors[0]?.hint ?? '', /at a target `repair` says what/)
  })

  test('does not take an attached tag of an image that is not listed for an extra one', async () => {
    const other = buildImage({ seed: 'unlisted' })
    const signatures = buildSignatures(other.descriptor, [{ keys: buildKeys() }])
    signatures.putInto(at.scene.target.store, TARGET_PATH, attachedTag(other.digest, 'sig'))
    assert.equal((await at.check()).exitCode, 0)
  })
})
