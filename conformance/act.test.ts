import assert from 'node:assert/strict'
import { cp, mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { secretsAndLook } from './calling-job.ts'
import { PASSWORD } from './cosign.ts'
import { listTags, takeInventory } from './inventory.ts'
import { linesWithKey } from './lines-with-key.ts'
import { type PushedSample, pushCompleteSample } from './push-sample.ts'
import { filesIn, runWorkflow, type WorkflowRun } from './run-act.ts'
import { missingTools } from './tools.ts'
import { Workbench } from './workbench.ts'

const FORMS = ['bundle', 'tag'] as const
const STAGE = { stage: 'released' }

/** What both workflows ask for, below `with:`. */
const inputs = (host: string) => `
          lock: images.yml
          to: ${host}/prod
          tags: v1
          sign: key
          annotations: stage=released`

const withStep = (host: string) => `name: release
on: workflow_dispatch
jobs:
  promote:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v7
      - uses: acme/signed-promote@v1
        env:
          SIGNING_KEY: \${{ secrets.KEY }}
        with:${inputs(host)}
          key: env://SIGNING_KEY
          key-password: \${{ secrets.KEY_PASSWORD }}
          report: report.json
`

const withReusableWorkflow = (host: string) => `name: release
on: workflow_dispatch
jobs:
  promote:
    uses: acme/signed-promote/.github/workflows/promote.yml@v1
    with:${inputs(host)}${secretsAndLook(
      ['digest', 'signed'],
      'echo "promoted=$DIGEST" >> "$GITHUB_OUTPUT"',
      'echo "how-many-signed=$SIGNED" >> "$GITHUB_OUTPUT"',
    )}`

const skip = missingTools('act', 'cosign', 'registry', 'referrers-registry')

for (const [name, workflow] of Object.entries({ withStep, withReusableWorkflow })) {
  describe(`a workflow ${name}`, { skip }, () => describeWorkflow(name, workflow))
}

function describeWorkflow(name: string, workflow: (host: string) => string): void {
  let bench: Workbench
  let sample: PushedSample
  let run: WorkflowRun

  before(async () => {
    bench = await Workbench.open('distribution', 'referrers')
    const home = { host: bench.source.host, repository: 'team/app', seed: name }
    sample = await pushCompleteSample(bench.cosign, await bench.cosign.generateKeys('other'), home)
    await bench.writeLock(`${home.host}/team/app@${sample.index.digest}`)
    await mkdir(join(bench.folder, 'caller'))
    await cp(join(bench.folder, 'images.yml'), join(bench.folder, 'caller/images.yml'))
    const key = await readFile(bench.keys.key, 'utf8')
    run = await runWorkflow(bench.folder, workflow(bench.target.host), { KEY: key, KEY_PASSWORD: PASSWORD })
  })

  after(() => bench?.[Symbol.asyncDispose]())

  test('signs and promotes the image with everything on it', async () => {
    assert.equal(run.exitCode, 0, run.log)
    const { digest } = sample.index
    const expected = await takeInventory(bench.source.host, 'team/app', digest)
    assert.deepEqual(await takeInventory(bench.target.host, 'prod', digest), expected)
    assert.ok((await listTags(bench.target.host, 'prod')).includes('v1'))
    for (const form of FORMS) {
      await bench.cosign.verify(form, bench.keys, `${bench.target.host}/prod@${digest}`, STAGE)
    }
  })

  test('has the outputs that action.yml promises', () => {
    const { digest, copied, present, signed, verified, bytes, images = '[]' } = run.outputs
    assert.deepEqual(
      { digest, copied, present, signed, verified },
      { digest: sample.index.digest, copied: '1', present: '0', signed: '1', verified: '1' },
    )
    assert.ok(Number(bytes) > 0)
    const [image] = JSON.parse(images) as readonly {
      readonly digest: string
      readonly targets: readonly string[]
    }[]
    assert.equal(image?.digest, sample.index.digest)
    assert.deepEqual(image?.targets, [`${bench.target.host}/prod@${sample.index.digest}`])
  })

  test('shows the digest and the verdict in the job summary', () => {
    assert.ok(run.summary.includes(sample.index.digest.slice('sha256:'.length).slice(0, 12)), run.summary)
    assert.ok(run.summary.includes(`${bench.target.host}/prod`), run.summary)
  })

  test('never shows the key or its password', async () => {
    assert.deepEqual(await linesWithKey(run, bench.keys), [])
  })

  if (name === 'withReusableWorkflow') {
    test('hands the outputs of the reusable workflow to the next job', () => {
      assert.equal(run.outputs.promoted, sample.index.digest)
      assert.equal(run.outputs['how-many-signed'], '1')
    })

    test('keeps the rewritten lock of each target and the report as an artifact, and as one of the attempt', async () => {
      for (const artifact of ['signed-promote', 'signed-promote-attempt-1']) {
        assert.deepEqual(await filesIn(bench.folder, artifact), ['images-1.yml', 'report.json'])
      }
    })
  }
}
