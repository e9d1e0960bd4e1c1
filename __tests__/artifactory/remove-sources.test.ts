import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EXIT_CODES } from '../../src/errors.ts'
import { hexOf } from '../../src/oci/digest.ts'
import { ArtifactoryScene } from '../builders/artifactory-scene.ts'
import { hasSha256 } from '../fakes/artifactory/artifactory-tree.ts'
import { answer, jsonAnswer } from '../fakes/registry-exchange.ts'

const MOVE = { move: 'true' }

for (const referrersApi of [true, false]) {
  test(`a moved image is gone from a source ${referrersApi ? 'with' : 'without'} the referrers API, but for the parts of its index, though answers were lost`, async () => {
    await using scene = await ArtifactoryScene.start({ referrersApi })
    scene.source.tags.set('latest', scene.sample.image.digest)
    const lost = new Set<string>()
    scene.artifactory.inFront = ({ method, path }, proceed) => {
      const whole = proceed()
      if (method !== 'DELETE' || lost.has(path)) return whole
      lost.add(path)
      return answer(503)
    }
    const { exitCode, result } = await scene.run(MOVE)
    assert.equal(exitCode, 0, JSON.stringify(result.errors))
    const { image, children, attached } = scene.sample
    const parts = new Set(children.map(({ digest }) => digest))
    const kept = attached.filter(({ subject }) => parts.has(subject)).map(({ artifact }) => artifact)
    const staying = new Set([...children, ...kept].map(({ digest }) => digest))
    for (const { digest } of [image, ...children, ...attached.map(({ artifact }) => artifact)]) {
      assert.equal(scene.source.manifests.has(digest), staying.has(digest), digest)
    }
    const tags = [...scene.source.tags.keys()]
    assert.ok(tags.length > 0 && tags.every((tag) => [...parts].some((part) => tag.includes(hexOf(part)))))
    assert.match(result.warnings.join('\n'), /The parts of .* stay at the source by their digests/)
    assert.equal(scene.target.tags.get('v1'), scene.sample.image.digest)
  })
}

test('an image that an index of the source may need stays, and is told of', async () => {
  await using scene = await ArtifactoryScene.start()
  const [first] = scene.sample.children
  assert.ok(first)
  await scene.list(first.digest)
  const before = scene.source.manifests.size
  const { exitCode, result } = await scene.run(MOVE)
  assert.equal(exitCode, 0, JSON.stringify(result.errors))
  assert.equal(scene.source.manifests.size, before)
  assert.match(result.warnings.join('\n'), /stay at the source by their digests: an index may need them/)
})

test('nothing is removed when the promotion fails', async () => {
  await using scene = await ArtifactoryScene.start()
  const before = scene.source.manifests.size
  scene.artifactory.registry.fault(
    ({ method, path }) => method === 'PUT' && path.endsWith('/v1'),
    Number.POSITIVE_INFINITY,
    { status: 403 },
  )
  assert.notEqual((await scene.run(MOVE)).exitCode, 0)
  assert.equal(scene.source.manifests.size, before)
})

test('what cannot be removed is told after everything else is done', async () => {
  await using scene = await ArtifactoryScene.start()
  scene.artifactory.inFront = ({ method }, proceed) => (method === 'DELETE' ? answer(403) : proceed())
  const { exitCode, result } = await scene.run({ ...MOVE, 'lock-output': scene.scene.path('promoted.yml') })
  assert.equal(exitCode, EXIT_CODES.incomplete)
  assert.equal(result.files.locks.length, 1)
  assert.match(result.errors[0]?.message ?? '', /is promoted, and was not removed from the source: .*403/)
  assert.equal(scene.target.tags.get('v1'), scene.sample.image.digest)
})

test('a target that is the source as well is an input error', async () => {
  await using scene = await ArtifactoryScene.start()
  const to = `${scene.artifactory.host}/docker-dev/team/app`
  const { exitCode, result } = await scene.run({ ...MOVE, to })
  assert.equal(exitCode, EXIT_CODES.input)
  assert.match(
    result.errors[0]?.message ?? '',
    /is a target as well, or the folder of one, and `move` would remove the image/,
  )
})

for (const [key, rclass, exitCode] of [
  ['docker-dev', 'virtual', EXIT_CODES.input],
  ['docker-dev', 'remote', EXIT_CODES.input],
  ['docker-prod', 'virtual', EXIT_CODES.input],
  ['docker-dev', 'FEDERATED', 0],
] as const) {
  test(`${key} as a ${rclass} repository is ${exitCode === 0 ? 'moved from' : 'refused for a move before anything is written'}`, async () => {
    await using scene = await ArtifactoryScene.start()
    scene.artifactory.classes.set(key, rclass)
    const before = scene.source.manifests.size
    const run = await scene.run(MOVE)
    assert.equal(run.exitCode, exitCode, JSON.stringify(run.result.errors))
    if (exitCode === 0) return
    assert.match(
      run.result.errors[0]?.message ?? '',
      new RegExp(`^${key} is a ${rclass} repository, and \`move\` is for local`),
    )
    assert.deepEqual([scene.source.manifests.size, scene.target.manifests.size], [before, 0])
  })
}

test('a move ends before anything is written where Artifactory does not say what a repository is', async () => {
  for (const said of [answer(403), jsonAnswer(200, { key: 'docker-dev' })]) {
    await using scene = await ArtifactoryScene.start()
    scene.artifactory.inFront = ({ path }, proceed) =>
      path.includes('/api/repositories/') ? said : proceed()
    const { exitCode, result } = await scene.run(MOVE)
    assert.equal(exitCode, EXIT_CODES.registry)
    assert.match(
      result.errors[0]?.message ?? '',
      /^`move` has to know whether docker-.* is a local repository/,
    )
    assert.match(result.errors[0]?.hint ?? '', /an account that may see what kind of repository this is/)
    assert.equal(scene.target.manifests.size, 0)
  }
})

test('what a search shows of other repositories stays', async () => {
  await using scene = await ArtifactoryScene.start()
  const { artifactory, sample } = scene
  const to = `${artifactory.host}/docker-prod/team/app`
  artifactory.inFront = (request, proceed) => {
    if (!request.path.endsWith('/api/search/checksum')) return proceed()
    const hex = request.query.get('sha256') ?? ''
    const results = ['docker-prod', 'docker-dev'].flatMap((key) =>
      [...artifactory.tree.files(key)]
        .filter(([, bytes]) => hasSha256(bytes, hex))
        .map(([path]) => ({ uri: `${artifactory.url}/api/storage/${key}/${path}` })),
    )
    return jsonAnswer(200, { results })
  }
  const { exitCode, result } = await scene.run({ ...MOVE, to })
  assert.equal(exitCode, 0, JSON.stringify(result.errors))
  assert.ok(!scene.source.tags.has('v1'))
  const promoted = artifactory.registry.store.repository('docker-prod/team/app')
  assert.equal(promoted.tags.get('v1'), sample.image.digest)
  for (const { digest } of [sample.image, ...sample.children]) assert.ok(promoted.manifests.has(digest))
})

test('nothing is removed when the target has lost a part meanwhile', async () => {
  await using scene = await ArtifactoryScene.start()
  const [part] = scene.sample.children
  assert.ok(part)
  const before = scene.source.manifests.size
  scene.artifactory.registry.fault(
    ({ method, path }) => method === 'PUT' && path.endsWith('/manifests/v1'),
    1,
    (_request, proceed) => {
      const whole = proceed()
      scene.target.manifests.delete(part.digest)
      return whole
    },
  )
  const { exitCode, result } = await scene.run(MOVE)
  assert.equal(exitCode, EXIT_CODES.incomplete)
  assert.match(
    result.errors[0]?.message ?? '',
    /is not removed from the source: .*docker-prod\/live\/app does not/,
  )
  assert.equal(scene.source.manifests.size, before)
})
