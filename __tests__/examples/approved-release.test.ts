import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { INPUTS } from '../../src/inputs/definitions.ts'
import { ExampleJob } from '../builders/example-workflow.ts'

const release = new ExampleJob('approved-release/release.yml', 'promote')
const plan = new ExampleJob('approved-release/plan.yml', 'plan')
const comment = new ExampleJob('approved-release/plan.yml', 'comment')

const rollback = new ExampleJob('approved-release/rollback.yml', 'rollback')

describe('the example of a release that is approved', () => {
  test('gives the reusable workflow and the action inputs that belong together', () => {
    const known = new Set<string>(INPUTS.map(({ name }) => name))
    const unknown = plan.inputNames.filter((name) => !known.has(name))
    assert.deepEqual([unknown, release.unknownToCalled], [[], []])
    assert.equal(release.planned.saving.shards, 4)
    assert.equal(release.job.with?.environment, 'production')
  })

  test('shows in a pull request what the release would do, by the same list, target and policy', () => {
    const [shown] = plan.settings
    const { lock, to, verification } = release.planned
    assert.equal(shown?.command, 'plan')
    assert.deepEqual([shown?.lock, shown?.to, shown?.verification], [lock, to, verification])
  })

  test('rolls back by the report that an attempt of the release has kept, after an approval', () => {
    const taken = rollback.inputsOf('actions/download-artifact')
    const [settings] = rollback.settings
    assert.deepEqual([settings?.command, settings?.undo], ['rollback', `${taken.path}/report.json`])
    assert.equal(release.job.with?.artifact, undefined)
    assert.equal(taken.name, `signed-promote-attempt-\${{ inputs.attempt }}`)
    assert.equal(rollback.job.environment, release.job.with?.environment)
  })

  test('lets no job both speak to registries and write comments', () => {
    assert.deepEqual(plan.job.permissions, { contents: 'read' })
    assert.deepEqual([comment.job.permissions, comment.inputNames], [{ 'pull-requests': 'write' }, []])
  })

  test('hands the comment to the job that writes it', () => {
    const kept = plan.inputsOf('actions/upload-artifact')
    assert.equal(kept.path, plan.settings[0]?.saving.comment)
    assert.equal(comment.inputsOf('actions/download-artifact').name, kept.name)
    assert.match(comment.script, new RegExp(`--field body=@${kept.path}$`, 'm'))
  })
})
