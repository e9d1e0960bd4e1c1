import assert from 'node:assert/strict'
import { basename, dirname } from 'node:path'
import { describe, test } from 'node:test'
import { INPUTS } from '../../src/inputs/definitions.ts'
import type { Settings } from '../../src/inputs/settings.ts'
import { ExampleJob } from '../builders/example-workflow.ts'

const FILE = 'bundle-chain/release.yml'
const [DEV, TEST, PROD] = ['dev', 'test', 'prod'].map((name) => new ExampleJob(FILE, name))

function settingsOf(job: ExampleJob | undefined, command: Settings['command']): Settings {
  const [settings, ...others] = job?.settings.filter((one) => one.command === command) ?? []
  assert.ok(settings && others.length === 0)
  return settings
}

/** The variable that holds the key of a run that signs. */
function keyOf({ signing }: Settings): string | undefined {
  return signing.by === 'key' && 'variable' in signing.key ? signing.key.variable : undefined
}

function trusted({ verification }: Settings): string | undefined {
  return verification.by === 'key' && 'path' in verification.publicKey
    ? verification.publicKey.path
    : undefined
}

describe('the example of a chain for a bundle', () => {
  test('gives the action inputs that it knows', () => {
    const known = new Set<string>(INPUTS.map(({ name }) => name))
    const names = [DEV, TEST, PROD].flatMap((job) => job?.inputNames ?? [])
    assert.ok(names.length > 0)
    assert.deepEqual(
      names.filter((name) => !known.has(name)),
      [],
    )
  })

  test('signs in dev and in test, each with a key that only its environment has, and nothing in production', () => {
    assert.deepEqual(
      [DEV, TEST].map((job) => [job?.job.environment, keyOf(settingsOf(job, 'sign'))]),
      [
        ['dev', 'DEV_KEY'],
        ['test', 'TEST_KEY'],
      ],
    )
    assert.equal(settingsOf(PROD, 'promote').signing.by, 'nobody')
  })

  test('takes to each stage what the one before has signed, and to production only what the tests have passed', () => {
    const [toTest, toProd] = [TEST, PROD].map((job) => settingsOf(job, 'promote'))
    assert.ok(toTest && toProd && toProd.verification.by === 'key')
    assert.deepEqual([trusted(toTest), trusted(toProd)], ['release/dev.pub', 'release/test.pub'])
    const { signing } = settingsOf(TEST, 'sign')
    assert.ok(signing.by === 'key')
    assert.deepEqual(signing.annotations, { 'e2e-tests-passed': 'True' })
    assert.deepEqual(toProd.verification.requireAnnotations, signing.annotations)
  })

  test('hands on the bundle as it is in each stage', () => {
    for (const [from, to] of [
      [DEV, TEST],
      [TEST, PROD],
    ]) {
      const kept = from?.inputsOf('actions/upload-artifact')
      const taken = to?.inputsOf('actions/download-artifact')
      assert.equal(taken?.name, kept?.name)
      const [lock = ''] = settingsOf(to, 'promote').lock
      assert.deepEqual([dirname(lock), basename(lock)], [taken?.path, kept?.path])
    }
    assert.deepEqual(settingsOf(DEV, 'sign').lock, [DEV?.inputsOf('actions/upload-artifact').path])
    const { lockOutput } = settingsOf(TEST, 'promote')
    assert.deepEqual(settingsOf(TEST, 'sign').lock, [lockOutput])
    assert.equal(TEST?.inputsOf('actions/upload-artifact').path, lockOutput)
  })
})
