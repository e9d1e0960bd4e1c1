import assert from 'node:assert/strict'
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { listTags, takeInventory } from './inventory.ts'
import { type PushedSample, pushCompleteSample } from './push-sample.ts'
import { EVERY_KIND, type RegistryKind } from './real-registry.ts'
import { type RegistryProxy, startRegistryProxy, writesAmong } from './registry-proxy.ts'
import { readReport, runCli } from './run-cli.ts'
import { missingTools } from './tools.ts'
import { Workbench } from './workbench.ts'

const FORMS = ['bundle', 'tag'] as const
const KBLD = {
  'kbld.carvel.dev/id': 'registry.example/team/app:v1',
  'kbld.carvel.dev/origins': '- resolved:\n    tag: v1\n    url: registry.example/team/app:v1\n',
}
const skip = missingTools('cosign', 'registry', 'docker-registry', 'referrers-registry')

for (const from of EVERY_KIND) {
  for (const to of EVERY_KIND) {
    describe(`promotes from ${from} to ${to}`, { skip }, () => describePromotion(from, to))
  }
}

function describePromotion(from: RegistryKind, to: RegistryKind): void {
  let bench: Workbench
  let proxy: RegistryProxy
  let sample: PushedSample

  const promote = () =>
    runCli(
      bench.folder,
      ...['promote', '--lock', 'images.yml', '--to', `${proxy.host}/prod`, '--public-key', 'cosign.pub'],
      ...['--tags', 'v1', '--lock-output', 'out.yml', '--report', 'report.json'],
    )

  before(async () => {
    bench = await Workbench.open(from, to)
    proxy = await startRegistryProxy(bench.target.host)
    const home = { host: bench.source.host, repository: 'team/app', seed: `${from} to ${to}` }
    sample = await pushCompleteSample(bench.cosign, bench.keys, home)
    await bench.writeLock(`${home.host}/team/app@${sample.index.digest}`, KBLD)
  })

  after(async () => {
    await proxy?.[Symbol.asyncDispose]()
    await bench?.[Symbol.asyncDispose]()
  })

  test('the index with everything on it arrives, byte for byte', async () => {
    const { exitCode, output } = await promote()
    assert.equal(exitCode, 0, output)
    assert.doesNotMatch(output, /Warning/, 'what the Node of this machine warns of')
    const expected = await takeInventory(bench.source.host, 'team/app', sample.index.digest)
    assert.deepEqual(await takeInventory(bench.target.host, 'prod', sample.index.digest), expected)
    assertComplete(expected)
  })

  test('the tag points at the index', async () => {
    const { headers } = await fetch(`http://${bench.target.host}/v2/prod/manifests/v1`, {
      method: 'HEAD',
      // Without it distribution 2 answers with the manifest of one platform.
      headers: { accept: sample.index.descriptor.mediaType },
    })
    assert.equal(headers.get('docker-content-digest'), sample.index.digest)
  })

  test('referrers are listed as this registry lists them: by its API, or under a fallback tag a subject', async () => {
    const tags = await listTags(bench.target.host, 'prod')
    const lists = tags.filter((tag) => /^sha256-[0-9a-f]{64}$/.test(tag))
    // The index, both children and the scan have some.
    assert.equal(lists.length, to === 'referrers' ? 0 : 4)
  })

  test('cosign verifies the index and each child at the target in both forms', async () => {
    for (const { digest } of [sample.index, ...sample.children]) {
      for (const form of FORMS) {
        await bench.cosign.verify(form, bench.keys, `${bench.target.host}/prod@${digest}`)
      }
    }
  })

  test('the new lock is written as imgpkg writes it', async () => {
    const lock = join(bench.folder, 'out.yml')
    assert.equal(await readFile(lock, 'utf8'), expectedLock(`${proxy.host}/prod@${sample.index.digest}`))
    assert.equal((await stat(lock)).mode & 0o777, 0o600)
  })

  test('the report has the same inventory and verified signatures at both ends', async () => {
    const { succeeded, images } = await readReport(bench.folder)
    assert.equal(succeeded, true)
    const [image] = images
    assert.ok(image)
    assert.deepEqual(image.targets[0]?.inventory, image.inventory)
    assert.notEqual(image.signatures.length, 0)
    assert.equal(image.targets[0]?.signatures.length, image.signatures.length)
    const kinds = new Set<string>(image.inventory.map(({ kind }) => kind))
    assert.deepEqual([...kinds].sort(), ['att', 'child', 'image', 'referrer', 'sbom', 'sig'])
  })

  test('a second run writes nothing', async () => {
    assert.ok(proxy.requests.some(({ method }) => method === 'PUT'))
    proxy.requests.length = 0
    const { exitCode, output } = await promote()
    assert.equal(exitCode, 0, output)
    assert.notEqual(proxy.requests.length, 0)
    assert.deepEqual(writesAmong(proxy.requests), [])
  })
}

/** Guards the comparison itself: two equal inventories of nothing would prove nothing. */
function assertComplete(inventory: readonly string[]): void {
  const counts = Map.groupBy(inventory, (line) => line.split(' ').at(-2) ?? '')
  const numbers = Object.fromEntries([...counts].map(([kind, lines]) => [kind, lines.length]))
  // Referrers: four of ours, and a signature on the index and on each child.
  assert.deepEqual({ ...numbers, blob: 0 }, { child: 2, sig: 3, att: 1, sbom: 1, referrer: 7, blob: 0 })
}

function expectedLock(image: string): string {
  return `---
apiVersion: imgpkg.carvel.dev/v1alpha1
images:
- annotations:
    kbld.carvel.dev/id: registry.example/team/app:v1
    kbld.carvel.dev/origins: |
      - resolved:
          tag: v1
          url: registry.example/team/app:v1
  image: ${image}
kind: ImagesLock
`
}
