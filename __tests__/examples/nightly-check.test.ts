import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { INPUTS } from '../../src/inputs/definitions.ts'
import { ExampleJob } from '../builders/example-workflow.ts'

const check = new ExampleJob('nightly-check/check.yml', 'check')
const issue = new ExampleJob('nightly-check/check.yml', 'issue')

describe('the example of a check every night', () => {
  test('gives the action inputs that belong together', () => {
    const known = new Set<string>(INPUTS.map(({ name }) => name))
    assert.deepEqual(
      check.inputNames.filter((name) => !known.has(name)),
      [],
    )
    const [settings] = check.settings
    assert.deepEqual([settings?.command, settings?.verification.by], ['check', 'policy'])
  })

  test('lets no job both speak to registries and write issues', () => {
    assert.deepEqual(check.job.permissions, { contents: 'read' })
    assert.deepEqual([issue.job.permissions, issue.inputNames], [{ issues: 'write' }, []])
  })

  test('hands the report of the check to the job that writes the issue', () => {
    const [settings] = check.settings
    const kept = check.inputsOf('actions/upload-artifact')
    assert.deepEqual(
      [kept.path, kept.name],
      [settings?.report, issue.inputsOf('actions/download-artifact').name],
    )
  })
})
