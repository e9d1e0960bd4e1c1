import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { pushBareSample } from './push-sample.ts'
import { REGISTRY_KINDS, type RegistryKind } from './real-registry.ts'
import { runCli } from './run-cli.ts'
import { missingTools } from './tools.ts'
import { Workbench } from './workbench.ts'

const FORMS = ['bundle', 'tag'] as const
const skip = missingTools('cosign', 'registry', 'referrers-registry')

for (const kind of REGISTRY_KINDS) {
  describe(`signs in ${kind}`, { skip }, () => describeSigning(kind))
}

function describeSigning(kind: RegistryKind): void {
  let bench: Workbench

  before(async () => {
    bench = await Workbench.open(kind, kind)
  })

  after(() => bench?.[Symbol.asyncDispose]())

  for (const signer of ['native', 'cosign']) {
    test(`what the ${signer} signer wrote, cosign verifies in both forms and with its annotations`, async () => {
      const { index } = await pushBareSample({ host: bench.source.host, repository: signer, seed: signer })
      const image = `${bench.source.host}/${signer}@${index.digest}`
      const { exitCode, output } = await runCli(
        bench.folder,
        ...['sign', '--images', image, '--sign', 'key', '--key', 'cosign.key', '--annotations', 'k=v'],
        ...['--signer', signer],
      )
      assert.equal(exitCode, 0, output)
      for (const form of FORMS) {
        await bench.cosign.verify(form, bench.keys, image, { k: 'v' })
        await assert.rejects(bench.cosign.verify(form, bench.keys, image, { k: 'other' }))
      }
    })
  }
}
