import assert from 'node:assert/strict'
import { basename, dirname, resolve } from 'node:path'
import { describe, test } from 'node:test'
import { INPUTS } from '../../src/inputs/definitions.ts'
import type { Settings } from '../../src/inputs/settings.ts'
import { demandFor } from '../../src/policy/demand-for.ts'
import { readPolicyFile } from '../../src/policy/read-policy-file.ts'
import type { TrustedSigner } from '../../src/policy/trusted-signer.ts'
import { ExampleJob } from '../builders/example-workflow.ts'
import { keyAt } from '../builders/policy-text.ts'

const FOLDER = resolve(import.meta.dirname, '../../examples/two-stages')

function jobOf(file: string): ExampleJob {
  return new ExampleJob(`two-stages/${file}`, 'promote')
}

function settingsOf(file: string): Settings {
  return jobOf(file).settings[0] ?? assert.fail(`${file} does not use the action`)
}

function readPolicy() {
  return readPolicyFile('policy.yml', { workingDirectory: FOLDER, loadKey: keyAt })
}

function identityOf(signer: TrustedSigner | undefined): string | undefined {
  return signer?.by === 'certificate' ? signer.identity.text : undefined
}

describe('the example of two stages', () => {
  for (const file of ['dev-to-test.yml', 'test-to-prod.yml']) {
    test(`${file} gives the action inputs that belong together`, () => {
      const known = new Set<string>(INPUTS.map(({ name }) => name))
      assert.deepEqual(
        jobOf(file).inputNames.filter((name) => !known.has(name)),
        [],
      )
      const { command, to, lock } = settingsOf(file)
      assert.deepEqual([command, to.length, lock.length], ['promote', 1, 1])
    })
  }

  test('may sign in the first stage, which attests to its promotion, and nowhere else', () => {
    assert.equal(settingsOf('dev-to-test.yml').signing.by, 'keyless')
    assert.equal(jobOf('dev-to-test.yml').job.permissions['id-token'], 'write')
    assert.equal(settingsOf('test-to-prod.yml').signing.by, 'nobody')
    assert.equal(jobOf('test-to-prod.yml').job.permissions['id-token'], undefined)
  })

  test('promotes the images in the second stage that the first has promoted', () => {
    const kept = jobOf('dev-to-test.yml').inputsOf('actions/upload-artifact')
    const taken = jobOf('test-to-prod.yml').inputsOf('actions/download-artifact')
    const [lock = ''] = settingsOf('test-to-prod.yml').lock
    assert.equal(kept.path, settingsOf('dev-to-test.yml').lockOutput)
    assert.equal(taken.name, kept.name)
    assert.deepEqual([dirname(lock), basename(lock)], [taken.path, kept.path])
  })

  test('demands both teams and the statement of the first stage of what stands in test', async () => {
    const [to = ''] = settingsOf('dev-to-test.yml').to
    const [registry = '', ...path] = to.replace('{name}', 'app').split('/')
    const demand = demandFor(await readPolicy(), { registry, path: path.join('/') })
    assert.ok(demand.by === 'signers')
    assert.deepEqual([demand.signature?.of, demand.signature?.signers.length], ['all', 2])
    const [attestation] = demand.attestations
    assert.equal(attestation?.predicateType, 'https://slsa.dev/verification_summary/v1')
    assert.match(identityOf(attestation?.by.signers[0]) ?? '', /\/\.github\/workflows\/dev-to-test\.yml@/)
  })

  test('has the same developers at both gates', async () => {
    const { verification } = settingsOf('dev-to-test.yml')
    const [rule] = (await readPolicy()).rules
    assert.ok(verification.by === 'certificate' && rule?.demand.by === 'signers')
    assert.equal(identityOf(rule.demand.signature?.signers[0]), verification.identity.text)
  })
})
