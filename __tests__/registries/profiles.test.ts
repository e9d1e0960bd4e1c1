import assert from 'node:assert/strict'
import { test } from 'node:test'
import { attachedTag } from '../../src/oci/attached-tag.ts'
import { buildReferrer, buildSignatures } from '../builders/build-attached.ts'
import { buildImage } from '../builders/build-image.ts'
import { buildKeys } from '../builders/build-keys.ts'
import { SOURCE_PATH, TARGET_PATH } from '../builders/promotion-scene.ts'
import { PROFILES, profileNamed } from '../fakes/registry-profiles.ts'
import { ProfileScene } from './profile-scene.ts'

/** Manifests written before a run is interrupted: some of the attached artifacts, and not the image. */
const SOME = 4

for (const profile of PROFILES.filter(({ referrersRefused }) => referrersRefused === undefined)) {
  const { name, immutable, switches } = profile
  // Where there is no referrers API, the tags that stand in for it have to be written again and again.
  const isImmutable = immutable !== undefined && switches.referrersApi !== false

  test(`${name}: an interrupted promotion is completed by the next, and a third writes nothing`, async () => {
    await using registries = await ProfileScene.start(
      profile,
      isImmutable ? { immutableTags: immutable } : {},
    )
    assert.equal((await registries.promote(SOME)).exitCode, 130)
    const { exitCode, result } = await registries.promote()
    assert.deepEqual([exitCode, result.errors], [0, []])
    const [image] = result.images
    assert.deepEqual(image?.targets[0]?.inventory, image?.inventory)
    assert.equal(image?.inventory.length, registries.scene.sample.attached.length + 3)
    assert.equal(registries.target.store.openUploads(), 0)
    const written = registries.writes().length
    assert.equal((await registries.promote()).exitCode, 0)
    assert.deepEqual(registries.writes().slice(written), [])
  })
}

for (const profile of PROFILES) {
  const { name, immutable } = profile
  if (immutable === undefined) continue

  test(`${name}: a signature beside another one under an immutable tag is refused, and what to do is said`, async () => {
    await using registries = await ProfileScene.start(profile, { immutableTags: immutable })
    const { scene, target } = registries
    const signed = buildImage({ seed: 'signed by two' })
    signed.putInto(scene.source.store, SOURCE_PATH)
    buildSignatures(signed.descriptor, [{ keys: scene.keys }]).putInto(scene.source.store, SOURCE_PATH)
    signed.putInto(target.store, TARGET_PATH)
    buildSignatures(signed.descriptor, [{ keys: buildKeys() }]).putInto(target.store, TARGET_PATH)
    await scene.list({ image: scene.reference(signed.digest) })

    const { exitCode, result } = await registries.promote()
    assert.equal(exitCode, 4)
    const [error] = result.errors
    assert.match(
      error?.message ?? '',
      new RegExp(`${attachedTag(signed.digest, 'sig')} answered ${immutable.status}`),
    )
    assert.match(error?.hint ?? '', /`signature-format: bundle`.*exclude `sha256-\*`/)
    assert.equal(scene.tagAt(target, 'v1'), undefined)

    target.switches.mutableTags = /^sha256-/
    assert.equal((await registries.promote()).exitCode, 0)
  })
}

for (const name of ['docker-hub', 'gar']) {
  test(`${name}: a referrer beside another one needs a tag that can be changed, since there it is listed`, async () => {
    const profile = profileNamed(name)
    await using registries = await ProfileScene.start(
      profile,
      profile.immutable && { immutableTags: profile.immutable },
    )
    const { scene, target } = registries
    const { descriptor } = scene.sample.image
    buildReferrer(descriptor, 'application/vnd.example.scan', 'by others').putInto(target.store, TARGET_PATH)
    scene.sample.image.putInto(target.store, TARGET_PATH)
    const { exitCode, result } = await registries.promote()
    assert.equal(exitCode, 4)
    assert.match(result.errors[0]?.hint ?? '', /^Referrers are listed under this tag/)
    target.switches.mutableTags = /^sha256-/
    assert.equal((await registries.promote()).exitCode, 0)
  })
}

test('gitlab: an image that is signed by tags is promoted, and one with referrers is refused', async () => {
  const profile = profileNamed('gitlab')
  await using registries = await ProfileScene.start(profile)
  const { scene, target } = registries
  const { exitCode, result } = await registries.promote()
  assert.equal(exitCode, 4)
  assert.match(result.errors[0]?.message ?? '', profile.referrersRefused ?? /never/)
  assert.match(result.errors[0]?.hint ?? '', /`signature-format: tag`/)
  assert.equal(scene.tagAt(target, 'v1'), undefined)

  const signed = buildImage({ seed: 'signed by a tag' })
  signed.putInto(scene.source.store, SOURCE_PATH)
  buildSignatures(signed.descriptor, [{ keys: scene.keys }]).putInto(scene.source.store, SOURCE_PATH)
  await scene.list({ image: scene.reference(signed.digest) })
  assert.equal((await registries.promote()).exitCode, 0)
  assert.equal(scene.tagAt(target, 'v1'), signed.digest)
})

test('ghcr: where the question for referrers is redirected to, nothing is asked', async () => {
  await using registries = await ProfileScene.start(profileNamed('ghcr'))
  assert.equal((await registries.promote()).exitCode, 0)
  const { requests } = registries.scene.source
  assert.ok(requests.some(({ path, status }) => path.includes('/referrers/') && status === 303))
  assert.equal(
    requests.some(({ path }) => path.startsWith('/packages')),
    false,
  )
})

test('docker-hub: when no pulls are left, the limit is named', async () => {
  await using registries = await ProfileScene.start(profileNamed('docker-hub'))
  registries.scene.source.switches.pulls = 1
  const { exitCode, result } = await registries.promote()
  assert.equal(exitCode, 4)
  assert.match(result.errors[0]?.message ?? '', /429: TOOMANYREQUESTS/)
  assert.match(result.errors[0]?.hint ?? '', /limits the rate/)
})

test('ecr: a repository that was not made is named', async () => {
  await using registries = await ProfileScene.start(profileNamed('ecr'))
  registries.target.store.repository(TARGET_PATH).blobs.clear()
  const { exitCode, result } = await registries.promote()
  assert.equal(exitCode, 4)
  assert.match(result.errors[0]?.message ?? '', /answered 404: NAME_UNKNOWN/)
})

test('ecr: an artifact whose type is not taken is refused with the types that it holds', async () => {
  await using registries = await ProfileScene.start(profileNamed('ecr'))
  registries.target.switches.refusedManifests = {
    status: 405,
    code: 'UNSUPPORTED',
    message: 'no',
    matching: /example.scan/,
  }
  const { exitCode, result } = await registries.promote()
  assert.equal(exitCode, 4)
  assert.match(result.errors[0]?.hint ?? '', /may not take .*artifactType application\/vnd\.example\.scan/)
})
