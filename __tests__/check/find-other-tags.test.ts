import assert from 'node:assert/strict'
import { test } from 'node:test'
import { findOtherTags } from '../../src/check/find-other-tags.ts'
import { targetPlaces } from '../../src/check/target-places.ts'
import { TagLists } from '../../src/graph/tag-lists.ts'
import { formatReference } from '../../src/oci/reference.ts'
import { lookAtImage, type SeenImage } from '../../src/plan/look-at-image.ts'
import { signedBy } from '../../src/policy/make-demand.ts'
import type { VerificationPolicy } from '../../src/policy/policy.ts'
import { buildSignatures } from '../builders/build-attached.ts'
import { buildImage } from '../builders/build-image.ts'
import { buildKeys } from '../builders/build-keys.ts'
import { listedImage } from '../builders/listed-image.ts'
import { putArtifact } from '../builders/memory-sample.ts'
import { offlineVerifier } from '../builders/offline-verifier.ts'
import { MemoryRegistries } from '../fakes/memory-registries.ts'

const SOURCES = ['dev.example/one', 'dev.example/two'] as const
const TARGET = 'prod.example/all'
const keys = [buildKeys(), buildKeys()]

/** Two images of different signers, each from its own repository, that were promoted to one. */
async function scene() {
  const registries = new MemoryRegistries()
  const target = registries.at(TARGET)
  const lists = new TagLists(2)
  const settings = { to: [TARGET], tags: [], imgpkgTags: false }
  const images: SeenImage[] = []
  for (const source of SOURCES) {
    const image = buildImage({ seed: source })
    for (const place of [registries.at(source), target]) putArtifact(image, place)
    images.push(await lookAtImage(listedImage(source, image.digest), settings, registries, { lists }))
  }
  const rules = SOURCES.map((repository, index) => ({
    repository,
    demand: signedBy({
      by: 'key',
      name: undefined,
      publicKey: keyOf(index),
      transparency: 'none',
      timestamp: 'none',
    }),
  }))
  const policy: VerificationPolicy = { file: undefined, rules }
  const explain = (image: Parameters<typeof formatReference>[0]) => formatReference(image)
  const services = { registries, verifier: offlineVerifier(), lists: new TagLists(2), explain }
  return { target, look: () => findOtherTags(targetPlaces(images, policy), services) }
}

function keyOf(index: number) {
  const pair = keys[index]
  assert.ok(pair)
  return pair.publicKey
}

test('an image that satisfies what is demanded of any listed one is no drift', async () => {
  const { target, look } = await scene()
  for (const pair of keys) {
    const older = buildImage({ seed: pair.hint })
    putArtifact(older, target, `older-${keys.indexOf(pair)}`)
    putArtifact(buildSignatures(older.descriptor, [{ keys: pair }]), target)
  }
  const { drift, infos, warnings, errors } = await look()
  assert.deepEqual([drift, warnings, errors], [[], [], []])
  assert.deepEqual(infos, [`${TARGET}: other tags that lead to images as the policy wants them: 2`])
})

test('of very many tags a part is looked at, each image once, and the rest is told', async () => {
  const { target, look } = await scene()
  const other = buildImage({ seed: 'unsigned' })
  putArtifact(other, target, 'unsigned')
  for (let number = 0; number < 1200; number++) target.tags.set(`v${number}`, other.digest)
  const { drift, warnings } = await look()
  assert.deepEqual(
    drift.map(({ kind, image }) => [kind, image.startsWith(SOURCES[0])]),
    [['tag-unproven', true]],
  )
  assert.match(
    drift[0]?.message ?? '',
    /all:unsigned \(and v0, v1, v2, 996 more\) leads to an image that is not listed/,
  )
  assert.deepEqual(warnings, [`${TARGET} has 1201 other tags, of which 1000 were looked at`])
})

test('a tag that leads nowhere by now is nothing', async () => {
  const { target, look } = await scene()
  target.tags.set('gone', buildImage({ seed: 'gone' }).digest)
  const { drift, infos } = await look()
  assert.deepEqual([drift, infos], [[], []])
})
