import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { EXIT_CODES } from '../../src/errors.ts'
import { attachedTag, fallbackTag } from '../../src/oci/attached-tag.ts'
import { hexOf } from '../../src/oci/digest.ts'
import { blobsOf } from '../../src/oci/manifest.ts'
import { ArtifactoryScene } from '../builders/artifactory-scene.ts'
import { buildSignatures } from '../builders/build-attached.ts'
import { buildImage } from '../builders/build-image.ts'
import { buildKeys } from '../builders/build-keys.ts'
import { writesTo } from '../builders/promotion-scene.ts'
import { answer, jsonAnswer } from '../fakes/registry-exchange.ts'

const ROBOT = { username: 'robot', password: 'p4ssw0rd-of-the-robot' }

/** Every manifest of the sample is in the target. */
function assertComplete({ sample, target }: ArtifactoryScene): void {
  const { image, children, attached } = sample
  for (const { manifest } of [image, ...children, ...attached.map(({ artifact }) => artifact)]) {
    const { digest } = manifest.descriptor
    assert.deepEqual(target.manifests.get(digest)?.bytes, Buffer.from(manifest.bytes), digest)
  }
}

/** The calls of the REST API that changed something. */
function changesOf({ artifactory }: ArtifactoryScene): readonly string[] {
  return artifactory.asked.filter((asked) => !asked.startsWith('GET '))
}

function promotionsOf(scene: ArtifactoryScene): readonly string[] {
  return changesOf(scene).filter((asked) => asked.endsWith('/promote'))
}

for (const referrersApi of [true, false]) {
  test(`everything arrives ${referrersApi ? 'with' : 'without'} the referrers API, and no layer comes through this machine`, async () => {
    await using scene = await ArtifactoryScene.start({ referrersApi })
    const { exitCode, result } = await scene.run()
    assert.equal(exitCode, 0, JSON.stringify(result.errors))
    assertComplete(scene)
    const { image, children } = scene.sample
    const layers = children.flatMap(({ manifest }) => blobsOf(manifest).map(({ digest }) => digest))
    const transfers = scene.artifactory.transfers
    assert.deepEqual(
      transfers.filter(
        ({ method, path }) => method !== 'GET' || layers.some((digest) => path.endsWith(digest)),
      ),
      [],
    )
    assert.equal(result.totals.sentBlobs, 0)
    assert.equal(scene.target.tags.get('v1'), image.digest)
    assert.equal(scene.source.tags.get('v1'), image.digest)
    assert.equal(scene.target.tags.has(fallbackTag(image.digest)), !referrersApi)
  })
}

describe('one promotion, and another one', () => {
  let scene: ArtifactoryScene

  before(async () => {
    scene = await ArtifactoryScene.start()
    await scene.run()
  })

  after(() => scene?.[Symbol.asyncDispose]())

  test('promotes the image once, to a tag that nobody looks at, when its parts are there', async () => {
    const { image, children } = scene.sample
    assert.deepEqual(promotionsOf(scene), ['POST /api/docker/docker-dev/v2/promote'])
    assert.equal(scene.target.tags.get(`promoted-${hexOf(image.digest)}`), image.digest)
    const { requests } = scene.artifactory.registry
    const at = (end: string) =>
      requests.findIndex(({ method, path }) => method !== 'GET' && path.endsWith(end))
    const parts = children.map(({ digest }) => at(`manifests/${digest}`))
    assert.ok(Math.min(...parts) >= 0 && Math.max(...parts) < at('/promote'))
    assert.ok(writesTo(scene.artifactory.registry).at(-1)?.path.endsWith('manifests/v1'))
  })

  test('copies files and no folders, each beside its manifest', async () => {
    const copied = changesOf(scene).filter((asked) => asked.startsWith('POST /api/copy/'))
    assert.ok(copied.length > 0)
    for (const asked of copied) assert.match(asked, /\/sha256__[a-f0-9]{64}$/)
    const files = [...scene.artifactory.tree.files('docker-prod').keys()]
    for (const path of files) {
      assert.match(path, /^live\/app\/[^/]+\/[^/]+$/)
      const folder = path.slice(0, path.lastIndexOf('/'))
      const manifests = [`${folder}/manifest.json`, `${folder}/list.manifest.json`]
      assert.ok(
        manifests.some((one) => files.includes(one)),
        `${folder} without a manifest`,
      )
    }
  })

  test('a second run writes nothing', async () => {
    const { exitCode, result } = await scene.run()
    assert.equal(exitCode, 0)
    assert.equal(result.totals.present, 1)
    assert.deepEqual(writesTo(scene.artifactory.registry), [])
  })
})

test('an image alone comes with its layers when it is promoted', async () => {
  await using scene = await ArtifactoryScene.start()
  const alone = buildImage({ seed: 'alone' })
  alone.putInto(scene.artifactory.registry.store, 'docker-dev/team/app', 'alone')
  await scene.list(alone.digest)
  const { exitCode, result } = await scene.run({ verify: 'none', 'public-key': '' })
  assert.equal(exitCode, 0, JSON.stringify(result.errors))
  assert.deepEqual(changesOf(scene), ['POST /api/docker/docker-dev/v2/promote'])
  assert.equal(scene.target.tags.get('v1'), alone.digest)
})

test('an image that no tag of the source shows is copied as files', async () => {
  await using scene = await ArtifactoryScene.start()
  scene.source.tags.delete('v1')
  const { exitCode, result } = await scene.run()
  assert.equal(exitCode, 0, JSON.stringify(result.errors))
  assert.deepEqual(promotionsOf(scene), [])
  assertComplete(scene)
  assert.equal(scene.target.tags.get('v1'), scene.sample.image.digest)
})

test('signatures of others at the target are merged with, not copied over', async () => {
  await using scene = await ArtifactoryScene.start()
  await scene.run()
  const { image } = scene.sample
  const tag = attachedTag(image.digest, 'sig')
  const theirs = buildSignatures(image.descriptor, [{ keys: buildKeys() }])
  theirs.putInto(scene.artifactory.registry.store, 'docker-prod/live/app')
  assert.equal(scene.target.tags.get(tag), theirs.digest)
  const { exitCode, result } = await scene.run()
  assert.equal(exitCode, 0, JSON.stringify(result.errors))
  const merged = scene.target.findManifest(tag)?.bytes.toString() ?? ''
  const own = scene.source.findManifest(tag)?.bytes.toString() ?? ''
  const layersIn = (text: string) =>
    (JSON.parse(text) as { layers: readonly { digest: string }[] }).layers.map(({ digest }) => digest)
  assert.deepEqual(
    new Set(layersIn(merged)),
    new Set([
      ...layersIn(own),
      ...blobsOf(theirs.manifest)
        .slice(1)
        .map(({ digest }) => digest),
    ]),
  )
})

test('a layer that is missing under a manifest that is there is copied', async () => {
  await using scene = await ArtifactoryScene.start()
  await scene.run()
  const [first] = scene.sample.children
  assert.ok(first)
  const lost = blobsOf(first.manifest).at(-1)?.digest ?? ''
  scene.target.blobs.delete(lost)
  const { exitCode } = await scene.run()
  assert.equal(exitCode, 0)
  assert.ok(scene.target.blobs.has(lost))
  assert.deepEqual(changesOf(scene).length, 1)
})

describe('asks with the credentials of the repositories', () => {
  test('that `registries` gives, and of nobody else', async () => {
    await using scene = await ArtifactoryScene.start({ auth: { by: 'basic', accounts: [ROBOT] } })
    const login = `${scene.artifactory.host} ${ROBOT.username} ${ROBOT.password}`
    const { exitCode, result } = await scene.run({ registries: login })
    assert.equal(exitCode, 0, JSON.stringify(result.errors))
    assertComplete(scene)
  })

  test('and an answer that was lost is no failure where files may not be written twice', async () => {
    const accounts = [{ ...ROBOT, actions: ['pull', 'push'] as const }]
    await using scene = await ArtifactoryScene.start({ auth: { by: 'basic', accounts } })
    const lost = new Set<string>()
    scene.artifactory.inFront = ({ path }, proceed) => {
      const whole = proceed()
      if (!path.includes('/copy/') || lost.has(path)) return whole
      lost.add(path)
      return answer(503)
    }
    const login = `${scene.artifactory.host} ${ROBOT.username} ${ROBOT.password}`
    const { exitCode, result } = await scene.run({ registries: login })
    assert.equal(exitCode, 0, JSON.stringify(result.errors))
    assert.ok(lost.size > 0)
    assertComplete(scene)
  })
})

describe('no public tag appears', () => {
  const assertNoTag = ({ target }: ArtifactoryScene) => assert.equal(target.tags.has('v1'), false)

  test('when a copy is denied in an answer of 200', async () => {
    await using scene = await ArtifactoryScene.start()
    scene.artifactory.inFront = ({ path }, proceed) =>
      path.includes('/copy/')
        ? jsonAnswer(200, { messages: [{ level: 'ERROR', message: 'denied' }] })
        : proceed()
    const { exitCode, result } = await scene.run()
    assert.equal(exitCode, EXIT_CODES.registry)
    assert.match(
      result.errors[0]?.message ?? '',
      /^Copying docker-dev\/team\/app\/.*: Artifactory says denied$/,
    )
    assertNoTag(scene)
    assert.deepEqual(scene.target.manifests.size, 0)
  })

  test('when a copy is said to be done and is not', async () => {
    await using scene = await ArtifactoryScene.start()
    scene.artifactory.inFront = ({ path }, proceed) =>
      path.includes('/copy/')
        ? jsonAnswer(200, { messages: [{ level: 'INFO', message: 'copied' }] })
        : proceed()
    assert.equal((await scene.run()).exitCode, EXIT_CODES.incomplete)
    assertNoTag(scene)
    assert.deepEqual(scene.target.manifests.size, 0)
  })

  test('when the tag at the source moves before it is promoted', async () => {
    await using scene = await ArtifactoryScene.start()
    const other = buildImage({ seed: 'other' })
    scene.artifactory.inFront = ({ path }, proceed) => {
      if (path.endsWith('/promote'))
        other.putInto(scene.artifactory.registry.store, 'docker-dev/team/app', 'v1')
      return proceed()
    }
    const { exitCode, result } = await scene.run()
    assert.equal(exitCode, EXIT_CODES.conflict)
    assert.match(
      result.errors[0]?.message ?? '',
      /team\/app:v1 was promoted, and what arrived is not sha256:/,
    )
    assertNoTag(scene)
  })

  test('when the source has a blob that a search does not find', async () => {
    await using scene = await ArtifactoryScene.start()
    scene.artifactory.inFront = ({ path }, proceed) =>
      path.includes('/search/') ? jsonAnswer(200, { results: [] }) : proceed()
    const { exitCode, result } = await scene.run()
    assert.equal(exitCode, EXIT_CODES.incomplete)
    assert.match(
      result.errors[0]?.message ?? '',
      /Artifactory finds no file with that checksum in docker-dev/,
    )
    assertNoTag(scene)
  })
})

test('a repository that is somewhere else is an input error, and nothing is written', async () => {
  await using scene = await ArtifactoryScene.start()
  const { registry } = scene.artifactory
  const elsewhere = registry.host.replace('127.0.0.1', 'localhost')
  for (const command of ['plan', 'promote']) {
    const { exitCode, result } = await scene.run({ command, to: `${elsewhere}/docker-prod/live/app` })
    assert.equal(exitCode, EXIT_CODES.input)
    assert.match(result.errors[0]?.message ?? '', /^localhost:\d+\/docker-prod\/live\/app does not belong to/)
    assert.equal(result.errors[0]?.location?.line !== undefined, true)
    assert.deepEqual(writesTo(registry), [])
  }
})
