import assert from 'node:assert/strict'
import { resolve } from 'node:path'
import { describe, test } from 'node:test'
import { demandFor } from '../../src/policy/demand-for.ts'
import { readPolicyFile } from '../../src/policy/read-policy-file.ts'
import { ExampleJob } from '../builders/example-workflow.ts'
import { keyAt } from '../builders/policy-text.ts'

const FOLDER = resolve(import.meta.dirname, '../../examples/three-environments')
const HOST = 'registry.example.com'
/** The stages, with where each takes its images from. */
const STAGES = [
  { job: 'dev', from: 'build' },
  { job: 'test', from: 'dev' },
  { job: 'prod', from: 'test' },
] as const

function jobOf(name: string): ExampleJob {
  return new ExampleJob('three-environments/promote.yml', name)
}

/** Who has to have signed an image at a stage before it goes on, by the policy of the job. */
async function signersAt({ job, from }: (typeof STAGES)[number]): Promise<number> {
  const { verification } = jobOf(job).planned
  assert.ok(verification.by === 'policy')
  const file = verification.path.replace(/^release\//, '')
  const policy = await readPolicyFile(file, { workingDirectory: FOLDER, loadKey: keyAt })
  const demand = demandFor(policy, { registry: HOST, path: `${from}/app` })
  assert.ok(demand.by === 'signers')
  return demand.signature?.signers.length ?? 0
}

describe('the example of three environments in a row', () => {
  test('gives the reusable workflow inputs that belong together', () => {
    for (const { job } of STAGES) {
      assert.deepEqual(jobOf(job).unknownToCalled, [])
      const { to, tags, existingTags } = jobOf(job).planned
      assert.deepEqual([to, tags, existingTags], [[`${HOST}/${job}/{name}`], ['current'], 'move'])
    }
  })

  test('promotes to each stage what the one before has promoted, after it', () => {
    const [dev, tested, prod] = STAGES.map(({ job }) => jobOf(job).job)
    assert.deepEqual([dev?.needs, tested?.needs, prod?.needs], [undefined, 'dev', 'end-to-end'])
    assert.equal(tested?.with?.['lock-artifact'], dev?.with?.artifact)
    assert.equal(prod?.with?.['lock-artifact'], tested?.with?.artifact)
    assert.deepEqual([tested?.with?.lock, prod?.with?.lock], ['images-1.yml', 'images-1.yml'])
  })

  test('has a policy for each gate, and lets nothing into production that was not signed in test', async () => {
    assert.deepEqual(await Promise.all(STAGES.map(signersAt)), [1, 1, 2])
    const [signing] = jobOf('end-to-end').settings
    assert.deepEqual([signing?.command, signing?.signing.by], ['sign', 'keyless'])
    assert.equal(jobOf('end-to-end').job.permissions['id-token'], 'write')
    assert.equal(jobOf('end-to-end').job.environment, undefined)
  })

  test('rolls back by the report that the stage has kept', () => {
    const rollback = new ExampleJob('three-environments/rollback.yml', 'rollback')
    const taken = rollback.inputsOf('actions/download-artifact')
    const [settings] = rollback.settings
    assert.deepEqual([settings?.command, settings?.undo], ['rollback', `${taken.path}/report.json`])
    const kept = STAGES.map(({ job }) => jobOf(job).job.with)
    for (const inputs of kept) assert.equal(inputs?.artifact, `in-${inputs?.environment}`)
    assert.equal(taken.name, `in-\${{ inputs.stage }}-attempt-\${{ inputs.attempt }}`)
  })
})
