import assert from 'node:assert/strict'
import { mkdirSync } from 'node:fs'
import { readdir, readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { LAYOUT_PREFIX } from '../../src/oci/layout-name.ts'
import { buildLock } from '../builders/build-lock.ts'
import { promoteUnverified, putBundle } from '../builders/bundle-scene.ts'
import { PromotionScene, SOURCE_PATH, TARGET_PATH } from '../builders/promotion-scene.ts'
import type { RegistryServer } from '../fakes/registry-server.ts'

const ARCHIVE = `${LAYOUT_PREFIX}release.tar`
const FOLDER = `${LAYOUT_PREFIX}release`

function blobsReadFrom(registry: RegistryServer): number {
  return registry.requestsBy('GET').filter(({ path }) => path.includes('/blobs/')).length
}

for (const [layout, referrersApi] of [
  [FOLDER, true],
  [ARCHIVE, false],
] as const) {
  const kind = `a registry ${referrersApi ? 'with' : 'without'} the referrers API`
  test(`all of an image goes through ${layout} from ${kind} to one that never sees the source`, async () => {
    await using scene = await PromotionScene.start({ referrersApi })
    const there = await scene.run({ to: layout })
    assert.deepEqual([there.exitCode, there.result.errors], [0, []])
    scene.source.requests.length = 0
    const { exitCode, result } = await scene.run({ lock: '', from: layout })
    assert.deepEqual([exitCode, result.errors], [0, []])
    assert.deepEqual(scene.source.requests, [])
    const [source, target] = [
      scene.source.store.repository(SOURCE_PATH),
      scene.target.store.repository(TARGET_PATH),
    ]
    assert.deepEqual([...target.blobs].toSorted(), [...source.blobs].toSorted())
    assert.equal(result.images[0]?.inventory.length, 3 + scene.sample.attached.length)
    assert.equal(result.images[0]?.targets[0]?.inventory.length, 3 + scene.sample.attached.length)
    assert.equal(scene.tagAt(scene.target, 'v1'), scene.sample.image.digest)
  })
}

test('a second run to an archive reads no blob and leaves the file as it is', async () => {
  await using scene = await PromotionScene.start()
  await scene.run({ to: ARCHIVE })
  const before = await stat(scene.path('release.tar'))
  scene.source.requests.length = 0
  const { exitCode, result } = await scene.run({ to: ARCHIVE })
  assert.deepEqual([exitCode, result.totals.sentBlobs, result.totals.sentManifests], [0, 0, 0])
  assert.equal(blobsReadFrom(scene.source), 2)
  const after = await stat(scene.path('release.tar'))
  assert.deepEqual([after.ino, after.mtimeMs], [before.ino, before.mtimeMs])
})

test('a run that failed leaves what it has beside the archive, and the next one fetches only the rest', async () => {
  await using scene = await PromotionScene.start()
  const layer = scene.sample.children[1]?.blobs[1]?.descriptor.digest ?? ''
  scene.source.fault(({ path }) => path.endsWith(`/blobs/${layer}`), 1, { status: 403 })
  assert.equal((await scene.run({ to: ARCHIVE })).exitCode, 4)
  assert.deepEqual(
    (await readdir(scene.folder)).filter((name) => name.startsWith('release')),
    ['release.tar.partial'],
  )
  const { exitCode, result } = await scene.run({ to: ARCHIVE })
  assert.deepEqual([exitCode, result.totals.sentBlobs], [0, 1])
  assert.deepEqual(
    (await readdir(scene.folder)).filter((name) => name.startsWith('release')),
    ['release.tar'],
  )
})

test('the same promotion makes the same archive, whatever was there before', async () => {
  await using scene = await PromotionScene.start()
  await scene.run({ to: ARCHIVE })
  const first = await readFile(scene.path('release.tar'))
  await rm(scene.path('release.tar'))
  const layer = scene.sample.children[0]?.blobs[1]?.descriptor.digest ?? ''
  scene.source.fault(({ path }) => path.endsWith(`/blobs/${layer}`), 1, { status: 403 })
  await scene.run({ to: ARCHIVE })
  await scene.run({ to: ARCHIVE })
  assert.deepEqual(await readFile(scene.path('release.tar')), first)
})

test('a plan writes nothing, not even a folder', async () => {
  await using scene = await PromotionScene.start()
  const before = await readdir(scene.folder)
  for (const to of [FOLDER, ARCHIVE]) {
    const { exitCode, result } = await scene.run({ command: 'plan', to })
    assert.deepEqual([exitCode, result.errors], [2, []])
  }
  assert.deepEqual(await readdir(scene.folder), before)
})

test('an archive is signed and verified in its place, and the signatures go along', async () => {
  await using scene = await PromotionScene.start()
  await scene.run({ to: ARCHIVE })
  const inPlace = { lock: '', from: ARCHIVE }
  const signing = { annotations: 'approved=yes' }
  assert.equal((await scene.runInPlace('sign', { ...inPlace, ...signing })).exitCode, 0)
  const demand = { 'require-annotations': 'approved=yes' }
  assert.equal((await scene.runInPlace('verify', { ...inPlace, ...demand })).exitCode, 0)
  assert.equal((await scene.run({ ...inPlace, ...demand })).exitCode, 0)
  assert.equal((await scene.run(demand)).exitCode, 5)
})

test('a signature that was made in an archive stays there when the promotion fails', async () => {
  await using scene = await PromotionScene.start()
  await scene.run({ to: ARCHIVE })
  const inPlace = { lock: '', from: ARCHIVE }
  const signing = { sign: 'key', key: scene.path('cosign.key'), annotations: 'approved=yes' }
  scene.target.fault(({ method }) => method === 'POST', 100, { status: 403 })
  assert.equal((await scene.run({ ...inPlace, ...signing, 'public-key': '' })).exitCode, 4)
  const demand = { 'require-annotations': 'approved=yes' }
  assert.equal((await scene.runInPlace('verify', { ...inPlace, ...demand })).exitCode, 0)
})

test('a statement about the promotion to an archive is about the name that the image has in it', async () => {
  await using scene = await PromotionScene.start()
  const attested = { 'attest-promotion': 'key', key: scene.path('cosign.key') }
  const { exitCode, result } = await scene.run({ to: ARCHIVE, ...attested })
  assert.deepEqual([exitCode, result.errors], [0, []])
  const demand = { 'require-attestations': 'https://slsa.dev/verification_summary/v1' }
  assert.equal((await scene.runInPlace('verify', { lock: '', from: ARCHIVE, ...demand })).exitCode, 0)
})

test('an imgpkg bundle goes through an archive with all that is in it', async () => {
  await using scene = await PromotionScene.start()
  const { outer, inner, web, db, reference } = putBundle(scene)
  const there = await promoteUnverified(scene, { bundle: reference, to: ARCHIVE })
  assert.deepEqual([there.exitCode, there.result.errors], [0, []])
  scene.source.requests.length = 0
  const to = `${scene.target.host}/prod/{name}`
  const { exitCode, result } = await promoteUnverified(scene, { lock: '', from: ARCHIVE, to })
  assert.deepEqual([exitCode, result.errors, scene.source.requests], [0, [], []])
  const { manifests, tags } = scene.target.store.repository('prod/outer')
  for (const { digest } of [outer, inner, web, db]) assert.ok(manifests.has(digest))
  assert.equal(tags.get('v1'), outer.digest)
})

test('a policy goes by the name that an image has outside of the layout', async () => {
  await using scene = await PromotionScene.start()
  await scene.run({ to: FOLDER })
  const rules = (repository: string) => `version: 1
signers:
  release: { public-key: cosign.pub }
rules:
  - repository: ${repository}
    signed-by: { any: [release] }
`
  await scene.write('policy.yml', rules(`${scene.source.host}/${SOURCE_PATH}`))
  const inputs = { lock: '', from: FOLDER, 'public-key': '', policy: 'policy.yml' }
  const { exitCode, result } = await scene.run(inputs)
  assert.deepEqual([exitCode, result.errors], [0, []])
  await scene.write('policy.yml', rules('other.example/app'))
  assert.equal((await scene.run(inputs)).exitCode, 5)
})

test('with no list of its own, all images that have a name are taken', async () => {
  await using scene = await PromotionScene.start()
  await scene.run({ to: FOLDER })
  await rm(scene.path('release/images.yml'))
  const { exitCode, result } = await scene.run({ lock: '', from: FOLDER, tags: '' })
  assert.deepEqual([exitCode, result.errors], [0, []])
  assert.deepEqual(
    result.images.map(({ digest }) => digest),
    [scene.sample.image.digest],
  )
  assert.deepEqual(scene.tagAt(scene.target, 'v1'), undefined)
})

test('refuses a list in a layout that names no image', async () => {
  await using scene = await PromotionScene.start()
  await scene.run({ to: FOLDER })
  await scene.write('release/images.yml', buildLock([]))
  const { exitCode, result } = await scene.run({ lock: '', from: FOLDER })
  assert.deepEqual([exitCode, result.errors.length], [3, 1])
  assert.deepEqual(result.errors[0]?.location, { file: 'release/images.yml', line: 3, column: 1 })
})

test('an image that a layout does not hold is told beside what it holds', async () => {
  await using scene = await PromotionScene.start()
  await scene.run({ to: FOLDER, tags: 'v1' })
  const { host } = scene.source
  const name = `${host}/${SOURCE_PATH}`
  const absent = [`${name}:v9`, `${name}@sha256:${'0'.repeat(64)}`, `${host}/other/app:v1`]
  const { exitCode, result } = await scene.run({ lock: '', from: FOLDER, images: absent.join('\n') })
  assert.equal(exitCode, 3)
  const told = result.errors.map(({ message, hint }) => [message, hint])
  const hint = `It holds ${name}:v1: name one of them, or promote the image to it first.`
  assert.deepEqual(told, [
    [`${FOLDER} holds no image ${absent[0]}`, hint],
    [`${FOLDER} holds no image ${absent[2]}`, hint],
  ])
  const byDigest = await scene.run({ lock: '', from: FOLDER, images: absent[1] ?? '' })
  assert.deepEqual([byDigest.exitCode, byDigest.result.errors[0]?.hint], [3, hint])
})

test('refuses what no layout can be asked for', async () => {
  await using scene = await PromotionScene.start()
  await scene.run({ to: FOLDER, tags: '' })
  const refusals: readonly (readonly [Readonly<Record<string, string>>, RegExp])[] = [
    [{ lock: '', from: `${LAYOUT_PREFIX}nothing` }, /nothing does not exist/],
    [{ from: `${LAYOUT_PREFIX}nothing` }, /layout:nothing does not exist/],
    [{ to: FOLDER, verifier: 'cosign' }, /`verifier` is cosign/],
  ]
  for (const [inputs, message] of refusals) {
    const { exitCode, result } = await scene.run(inputs)
    assert.equal(exitCode, 3)
    assert.match(result.errors[0]?.message ?? '', message)
  }
})

test('two targets at once: a registry and an archive get the same', async () => {
  await using scene = await PromotionScene.start()
  const { exitCode } = await scene.run({ to: `${scene.target.host}/${TARGET_PATH}\n${ARCHIVE}` })
  assert.equal(exitCode, 0)
  assert.equal(blobsReadFrom(scene.source), scene.source.store.repository(SOURCE_PATH).blobs.size)
  assert.equal((await scene.run({ lock: '', from: ARCHIVE })).result.totals.sentBlobs, 0)
})

test('an archive that cannot be written ends the run before a tag moves in a registry', async () => {
  await using scene = await PromotionScene.start()
  const to = `${scene.target.host}/${TARGET_PATH}\n${ARCHIVE}`
  // A folder in the place of the archive can be found out only when that is packed.
  const onStep = (name: string) => {
    if (name === 'Write the archive') mkdirSync(join(scene.path('release.tar'), 'taken'), { recursive: true })
  }
  const { exitCode } = await scene.run({ to }, { onStep })
  assert.notEqual(exitCode, 0)
  assert.equal(scene.tagAt(scene.target, 'v1'), undefined)
})

test('the names in an archive let nothing pass unsigned that a policy would let pass by its name', async () => {
  await using scene = await PromotionScene.start()
  await promoteUnverified(scene, { lock: 'images.yml', to: ARCHIVE, tags: '' })
  await scene.write('policy.yml', "version: 1\nrules: [{ repository: '**', signed-by: nobody }]\n")
  const gate = { from: ARCHIVE, 'public-key': '', policy: scene.path('policy.yml') }
  const { exitCode, result } = await scene.run({ ...gate, lock: '' })
  assert.equal(exitCode, 3)
  assert.match(result.errors[0]?.message ?? '', /and only the archive says that the image has this name$/)
  assert.equal(scene.tagAt(scene.target, 'v1'), undefined)
  assert.equal((await scene.run(gate)).exitCode, 0)
})

test('behind the archive an image is still known by its tag there', async () => {
  await using scene = await PromotionScene.start()
  await scene.run({ to: ARCHIVE, tags: 'v1\nv1.2' })
  const { exitCode, result } = await scene.run({ lock: '', from: ARCHIVE, tags: '{origin-tag}-prod' })
  assert.deepEqual([exitCode, result.errors], [0, []])
  for (const tag of ['v1-prod', 'v1.2-prod'])
    assert.equal(scene.tagAt(scene.target, tag), scene.sample.image.digest)
})

test('a bundle is a BundleLock with its tag on both sides of the archive', async () => {
  await using scene = await PromotionScene.start()
  const { outer, reference } = putBundle(scene)
  await promoteUnverified(scene, { bundle: reference.replace('@', ':v1@'), to: FOLDER, tags: '' })
  const lockAt = (repository: string, tag: string) =>
    `---\napiVersion: imgpkg.carvel.dev/v1alpha1\nbundle:\n  image: ${repository}@${outer.digest}\n  tag: ${tag}\nkind: BundleLock\n`
  const list = () => readFile(scene.path('release/images.yml'), 'utf8')
  assert.equal(await list(), lockAt(`${scene.source.host}/bundles/outer`, 'v1'))
  const behind = { lock: '', from: FOLDER, tags: '{origin-tag}', 'lock-output': scene.path('out.yml') }
  assert.equal((await promoteUnverified(scene, behind)).exitCode, 0)
  const out = () => readFile(scene.path('out.yml'), 'utf8')
  assert.equal(await out(), lockAt(`${scene.target.host}/${TARGET_PATH}`, 'v1'))
  await promoteUnverified(scene, { bundle: reference, to: FOLDER, tags: 'v2' })
  assert.equal((await promoteUnverified(scene, behind)).exitCode, 0)
  assert.equal(await out(), lockAt(`${scene.target.host}/${TARGET_PATH}`, 'v2'))
})
