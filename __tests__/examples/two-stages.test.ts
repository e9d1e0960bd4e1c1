import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { describe, test } from 'node:test'
import { INPUTS } from '../../src/inputs/definitions.ts'
import { parseSettings } from '../../src/inputs/parse-settings.ts'
import type { Settings } from '../../src/inputs/settings.ts'
import { demandFor } from '../../src/policy/demand-for.ts'
import { readPolicyFile } from '../../src/policy/read-policy-file.ts'
import type { TrustedSigner } from '../../src/policy/trusted-signer.ts'
import { parseYaml } from '../../src/yaml/yaml.ts'
import { plainYaml } from '../builders/plain-yaml.ts'
import { keyAt } from '../builders/policy-text.ts'

interface Workflow {
  readonly jobs: {
    readonly promote: {
      readonly permissions: Readonly<Record<string, string>>
      readonly steps: readonly { readonly uses: string; readonly with: Readonly<Record<string, string>> }[]
    }
  }
}

const FOLDER = resolve(import.meta.dirname, '../../examples/two-stages')
/** What stands for an expression when the workflow runs. */
const VALUES: Readonly<Record<string, string>> = {
  'secrets.REGISTRIES': 'registry.example.com robot password',
}

function readJob(file: string): Workflow['jobs']['promote'] {
  const text = readFileSync(join(FOLDER, file), 'utf8')
  return (plainYaml(parseYaml(text, file)) as Workflow).jobs.promote
}

function inputsOf(file: string, action: string): Readonly<Record<string, string>> {
  return readJob(file).steps.find(({ uses }) => uses.startsWith(`${action}@`))?.with ?? {}
}

function settingsOf(file: string): Settings {
  const inputs = Object.entries(inputsOf(file, 'acme/signed-promote')).map(
    ([name, text]): [string, string] => [
      name,
      text.replace(/\$\{\{ (\S+) \}\}/g, (_, expression: string) => VALUES[expression] ?? 'v1'),
    ],
  )
  return parseSettings(new Map(inputs), {})
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
        Object.keys(inputsOf(file, 'acme/signed-promote')).filter((name) => !known.has(name)),
        [],
      )
      const { command, to, lock } = settingsOf(file)
      assert.deepEqual([command, to.length, lock.length], ['promote', 1, 1])
    })
  }

  test('may sign in the first stage, which attests to its promotion, and nowhere else', () => {
    assert.equal(settingsOf('dev-to-test.yml').signing.by, 'keyless')
    assert.equal(readJob('dev-to-test.yml').permissions['id-token'], 'write')
    assert.equal(settingsOf('test-to-prod.yml').signing.by, 'nobody')
    assert.equal(readJob('test-to-prod.yml').permissions['id-token'], undefined)
  })

  test('promotes the images in the second stage that the first has promoted', () => {
    const kept = inputsOf('dev-to-test.yml', 'actions/upload-artifact')
    const taken = inputsOf('test-to-prod.yml', 'actions/download-artifact')
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
