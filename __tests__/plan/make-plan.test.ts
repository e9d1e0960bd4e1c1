import assert from 'node:assert/strict'
import { test } from 'node:test'
import { digestOf } from '../../src/oci/digest.ts'
import { formatRepository } from '../../src/oci/reference.ts'
import { makePlan, type PlanSettings } from '../../src/plan/make-plan.ts'
import { isEmpty } from '../../src/plan/plan-totals.ts'
import { buildKeys } from '../builders/build-keys.ts'
import { buildCompleteSample } from '../builders/build-sample.ts'
import { listedImage } from '../builders/listed-image.ts'
import { putSample } from '../builders/memory-sample.ts'
import { problemsOf } from '../builders/problems-of.ts'
import { MemoryRegistries } from '../fakes/memory-registries.ts'

const sample = buildCompleteSample('make a plan', buildKeys())
const SETTINGS: PlanSettings = {
  to: ['prod.example/{name}', 'eu.example/mirror'],
  tags: ['v1'],
  existingTags: 'refuse',
  concurrency: 2,
}

function source(): MemoryRegistries {
  const registries = new MemoryRegistries()
  putSample(sample, registries.at('dev.example/team/app'), 'v1')
  return registries
}

test('plans every image for every target, in the order of the inputs, and writes nothing', async () => {
  const registries = source()
  const { images } = await makePlan(
    [listedImage('dev.example/team/app', sample.image.digest)],
    SETTINGS,
    registries,
  )
  assert.deepEqual(
    images[0]?.targets.map(({ repository }) => formatRepository(repository)),
    ['prod.example/app', 'eu.example/mirror'],
  )
  for (const place of ['dev.example/team/app', 'prod.example/app', 'eu.example/mirror'])
    assert.deepEqual(registries.at(place).writes, [])
})

test('finds nothing to do where all targets are complete', async () => {
  const registries = source()
  for (const place of ['prod.example/app', 'eu.example/mirror']) putSample(sample, registries.at(place), 'v1')
  const listed = [listedImage('dev.example/team/app', sample.image.digest)]
  assert.ok(isEmpty(await makePlan(listed, SETTINGS, registries)))
})

test('throws all problems of the targets together', async () => {
  const registries = source()
  for (const place of ['prod.example/app', 'eu.example/mirror']) {
    const repository = registries.at(place)
    putSample(buildCompleteSample('older', buildKeys()), repository, 'v1')
  }
  const listed = [listedImage('dev.example/team/app', sample.image.digest, 4)]
  const problems = await problemsOf(() => makePlan(listed, SETTINGS, registries))
  assert.deepEqual(
    problems.map(({ kind, location }) => [kind, location?.line]),
    [
      ['conflict', 4],
      ['conflict', 4],
    ],
  )
})

test('an image that is not there ends it before any target is asked', async () => {
  const registries = source()
  const problems = await problemsOf(() =>
    makePlan([listedImage('dev.example/team/app', digestOf('gone'), 3)], SETTINGS, registries),
  )
  assert.deepEqual(
    problems.map(({ kind, location }) => [kind, location?.line]),
    [['input', 3]],
  )
})

test('two targets that are one repository for an image end it on the line of the image', async () => {
  const listed = [listedImage('dev.example/team/app', sample.image.digest, 5)]
  const to = ['prod.example/{name}', 'prod.example/app']
  const problems = await problemsOf(() => makePlan(listed, { ...SETTINGS, to }, source()))
  assert.deepEqual(
    problems.map(({ kind, location }) => [kind, location?.line]),
    [['input', 5]],
  )
})
