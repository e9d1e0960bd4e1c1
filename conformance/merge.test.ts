import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { buildReferrer } from '../__tests__/builders/build-attached.ts'
import { takeInventory } from './inventory.ts'
import { pushBareSample } from './push-sample.ts'
import { REGISTRY_KINDS, type RegistryKind } from './real-registry.ts'
import { runCli } from './run-cli.ts'
import { missingTools } from './tools.ts'
import { Workbench } from './workbench.ts'

const FORMS = ['bundle', 'tag'] as const
const skip = missingTools('cosign', 'registry', 'referrers-registry')

for (const kind of REGISTRY_KINDS) {
  describe(`promotes onto what ${kind} holds already`, { skip }, () => describeMerge(kind))
}

function describeMerge(kind: RegistryKind): void {
  let bench: Workbench

  before(async () => {
    bench = await Workbench.open('distribution', kind)
  })

  after(() => bench?.[Symbol.asyncDispose]())

  test("another key's signatures and another referrer stay beside the new ones", async () => {
    const { source, target, cosign, keys } = bench
    const others = await cosign.generateKeys('other')
    const { index } = await pushBareSample({ host: source.host, repository: 'app', seed: kind })
    await pushBareSample({ host: target.host, repository: 'prod', seed: kind })
    const foreign = buildReferrer(index.descriptor, 'application/vnd.example.audit', 'audited at the target')
    await foreign.pushTo(target.host, 'prod')
    for (const form of FORMS) {
      await cosign.sign(form, keys, `${source.host}/app@${index.digest}`)
      await cosign.sign(form, others, `${target.host}/prod@${index.digest}`)
    }
    const before = await takeInventory(target.host, 'prod', index.digest)

    await bench.writeLock(`${source.host}/app@${index.digest}`)
    const { exitCode, output } = await runCli(
      bench.folder,
      ...['promote', '--lock', 'images.yml', '--to', `${target.host}/prod`, '--public-key', 'cosign.pub'],
      ...['--tags', 'v2'],
    )

    assert.equal(exitCode, 0, output)
    for (const form of FORMS) {
      await cosign.verify(form, keys, `${target.host}/prod@${index.digest}`)
      await cosign.verify(form, others, `${target.host}/prod@${index.digest}`)
    }
    const after = await takeInventory(target.host, 'prod', index.digest)
    const lost = before.filter((line) => line.includes(' referrer ') && !after.includes(line))
    assert.deepEqual(lost, [])
    assert.ok(after.includes(`${index.digest} referrer ${foreign.digest}`))
  })
}
