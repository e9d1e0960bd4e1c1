import assert from 'node:assert/strict'
import { cp, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { type PrivateSigstore, startPrivateSigstore } from '../__tests__/fakes/sigstore/private-sigstore.ts'
import { listTags } from './inventory.ts'
import { type PushedSample, pushCompleteSample } from './push-sample.ts'
import { runWorkflow, type WorkflowRun } from './run-act.ts'
import { missingTools } from './tools.ts'
import { Workbench } from './workbench.ts'

const WORKFLOW = 'https://github.com/acme/app/.github/workflows/release.yml@refs/heads/main'
/** A JSON Web Token: a header and claims, both JSON objects in base64. */
const IDENTITY_TOKEN = /eyJ[\w-]+\.eyJ/

const keyless = (host: string, issuer: string) => `name: release
on: workflow_dispatch
jobs:
  promote:
    runs-on: ubuntu-latest
    permissions:
      contents: read
      id-token: write
    steps:
      - uses: actions/checkout@v7
      - uses: acme/signed-promote@v1
        with:
          lock: images.yml
          to: ${host}/prod
          tags: v1
          sign: keyless
          attest-promotion: keyless
          signing-config: signing_config.json
          trusted-root: trusted_root.json
          certificate-identity: ${WORKFLOW}
          certificate-oidc-issuer: ${issuer}
          report: report.json
`

describe('a workflow that signs keyless', {
  skip: missingTools('act', 'cosign', 'registry', 'referrers-registry'),
}, () => {
  let bench: Workbench
  let sigstore: PrivateSigstore
  let sample: PushedSample

  before(async () => {
    sigstore = await startPrivateSigstore()
    bench = await Workbench.open('distribution', 'referrers')
    const home = { host: bench.source.host, repository: 'team/app', seed: 'keyless' }
    sample = await pushCompleteSample(bench.cosign, await bench.cosign.generateKeys('other'), home)
    await bench.writeLock(`${home.host}/team/app@${sample.index.digest}`)
    const caller = join(bench.folder, 'caller')
    await mkdir(caller)
    await cp(join(bench.folder, 'images.yml'), join(caller, 'images.yml'))
    await writeFile(join(caller, 'trusted_root.json'), sigstore.trustedRoot)
    await writeFile(
      join(caller, 'signing_config.json'),
      sigstore.signingConfig({ rekor: 1, timestamp: true }),
    )
  })

  after(async () => {
    await bench?.[Symbol.asyncDispose]()
    await sigstore?.close()
  })

  const run = (runner: Readonly<Record<string, string>>): Promise<WorkflowRun> =>
    runWorkflow(bench.folder, keyless(bench.target.host, sigstore.issuer), {}, { runner })

  test('fails without the permission, says which lines to add, and promotes nothing', async () => {
    const { exitCode, log } = await run({})
    assert.notEqual(exitCode, 0)
    assert.match(log, /Keyless signing needs an identity token, and this job may not have one/)
    assert.match(log, /permissions: \{ contents: read, id-token: write \}/)
    assert.deepEqual(await listTags(bench.target.host, 'prod'), [])
  })

  test('with it signs, promotes and attests, and cosign verifies the result', async () => {
    const { url, token } = sigstore.actionsRequest
    const { exitCode, log, shown, outputs } = await run({
      ACTIONS_ID_TOKEN_REQUEST_URL: url,
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: token,
    })
    assert.equal(exitCode, 0, log)
    assert.equal(outputs.signed, '1')
    assert.ok((await listTags(bench.target.host, 'prod')).includes('v1'))
    assert.deepEqual(
      shown.filter((line) => line.includes(token) || IDENTITY_TOKEN.test(line)),
      [],
    )
    const trustedRoot = join(bench.folder, 'caller/trusted_root.json')
    const who = { identity: WORKFLOW, issuer: sigstore.issuer, trustedRoot }
    const image = `${bench.target.host}/prod@${sample.index.digest}`
    for (const form of ['bundle', 'tag'] as const) await bench.cosign.verifyKeyless(form, who, image)
    await bench.cosign.verifyAttestation('https://slsa.dev/verification_summary/v1', who, image)
  })
})
