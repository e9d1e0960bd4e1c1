import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { listTags } from './inventory.ts'
import { pushCompleteSample } from './push-sample.ts'
import { EVERY_KIND } from './real-registry.ts'
import { type RegistryProxy, startRegistryProxy } from './registry-proxy.ts'
import { readReport, runCli } from './run-cli.ts'
import { missingTools } from './tools.ts'
import { Workbench } from './workbench.ts'

const SAMPLE = 'team/app'
const TARGET = 'prod/app'
const TOOLS = ['cosign', 'registry', 'referrers-registry', 'docker-registry'] as const

for (const kind of EVERY_KIND) {
  describe(`a probe of ${kind}`, { skip: missingTools(...TOOLS) }, () => {
    let bench: Workbench
    let target: RegistryProxy

    before(async () => {
      bench = await Workbench.open('distribution', kind)
      target = await startRegistryProxy(bench.target.host)
      const home = { host: bench.source.host, repository: SAMPLE, seed: kind }
      const { index } = await pushCompleteSample(bench.cosign, bench.keys, home)
      await bench.writeLock(`${bench.source.host}/${SAMPLE}@${index.digest}`)
    })

    after(async () => {
      await target?.[Symbol.asyncDispose]()
      await bench?.[Symbol.asyncDispose]()
    })

    const run = (command: string) =>
      runCli(
        bench.folder,
        ...[
          command,
          '--lock',
          'images.yml',
          '--to',
          `${target.host}/${TARGET}`,
          '--public-key',
          'cosign.pub',
        ],
        ...['--tags', 'v1', '--preflight', 'probe', '--report', 'report.json'],
      )

    test('finds everything in order, and leaves neither a tag nor a manifest', async () => {
      const { exitCode, output } = await run('plan')
      assert.equal(exitCode, 2, output)
      const [facts] = (await readReport(bench.folder)).preflight
      const referrers = kind === 'referrers' ? 'api' : 'fallback tag'
      assert.deepEqual([facts?.write, facts?.referrers], ['granted', referrers])
      const probe = facts?.probe
      assert.ok(probe)
      assert.ok(probe.mediaTypes.every(({ taken }) => taken === 'yes'))
      assert.deepEqual([probe.tags.move, probe.lists, probe.left], ['yes', 'yes', []])
      assert.deepEqual(await listTags(bench.target.host, TARGET), [])
      const pushed = target.requests.filter(
        ({ method, path }) => method === 'PUT' && path.includes('/manifests/'),
      )
      assert.ok(pushed.length > probe.mediaTypes.length)
      for (const { path } of pushed)
        assert.equal((await fetch(`http://${bench.target.host}${path}`)).status, 404, path)
    })

    test('does not stand in the way of the promotion', async () => {
      const { exitCode, output } = await run('promote')
      assert.equal(exitCode, 0, output)
      const tags = await listTags(bench.target.host, TARGET)
      assert.ok(tags.includes('v1'))
      assert.ok(!tags.some((tag) => tag.startsWith('signed-promote-probe-')))
    })
  })
}
