import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { parse } from 'yaml'
import { buildImage } from '../__tests__/builders/build-image.ts'
import { takeInventory } from './inventory.ts'
import { type PushedSample, pushCompleteSample } from './push-sample.ts'
import { type CliRun, runCli } from './run-cli.ts'
import { missingTools } from './tools.ts'
import { Workbench } from './workbench.ts'

/** As much of an `Images.lock` as is looked at. */
interface ChartLock {
  readonly images: readonly {
    readonly image: string
    readonly digests: readonly { readonly digest: string; readonly arch: string }[]
  }[]
}

interface Entry {
  readonly digest: string
  readonly platform?: { readonly os: string; readonly architecture: string }
}

const MANIFESTS = 'application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json'

describe('the Images.lock of a Helm chart', { skip: missingTools('cosign', 'registry') }, () => {
  let bench: Workbench
  let sample: PushedSample
  let lock: string

  before(async () => {
    bench = await Workbench.open('distribution', 'distribution')
    const { host } = bench.source
    sample = await pushCompleteSample(bench.cosign, bench.keys, {
      host,
      repository: 'charts/app',
      seed: 'helm',
    })
    const tool = buildImage({ seed: 'helm tool' })
    await tool.pushTo(host, 'charts/tool', '2.0')
    await bench.cosign.sign('tag', bench.keys, `${host}/charts/tool@${tool.digest}`)
    const [amd64, arm64] = sample.children.map(({ digest }) => digest)
    lock = `apiVersion: v0
kind: ImagesLock
metadata:
  generatedAt: "2023-07-13T16:30:33.284125307Z"
  generatedBy: Distribution Tooling for Helm
chart:
  name: shop
  version: 1.0.0
  appVersion: 6.2.2
images:
  - name: app
    image: ${host}/charts/app:v1
    chart: shop
    digests:
      - digest: ${amd64}
        arch: linux/amd64
      - digest: ${arm64}
        arch: linux/arm64
  - name: tool # once for all platforms
    image: ${host}/charts/tool:2.0
    chart: shop
    digests:
      - digest: ${tool.digest}
        arch: linux/amd64
`
    await writeFile(join(bench.folder, 'Images.lock'), lock)
  })

  after(() => bench?.[Symbol.asyncDispose]())

  function promote(to: string, ...args: readonly string[]): Promise<CliRun> {
    const given = ['--lock', 'Images.lock', '--to', `${bench.target.host}/${to}/{name}`]
    return runCli(bench.folder, 'promote', ...given, '--public-key', 'cosign.pub', ...args)
  }

  test('is promoted by index, with all that is signed on it, and written back for the target', async () => {
    const run = await promote('prod', '--lock-output', 'out.lock', '--tags', '{origin-tag}')
    assert.equal(run.exitCode, 0, run.output)
    const root = sample.index.digest
    assert.deepEqual(
      await takeInventory(bench.target.host, 'prod/app', root),
      await takeInventory(bench.source.host, 'charts/app', root),
    )
    const written = await readFile(join(bench.folder, 'out.lock'), 'utf8')
    assert.equal(written, lock.replaceAll(`${bench.source.host}/charts`, `${bench.target.host}/prod`))
    await checkAsChartTools(written)
    await bench.cosign.verify('bundle', bench.keys, `${bench.target.host}/prod/app@${root}`)
  })

  test('is promoted by digests where the tag has moved on, with what is signed on each', async () => {
    await buildImage({ seed: 'helm, the next one' }).pushTo(bench.source.host, 'charts/app', 'v1')
    const refused = await promote('old', '--lock-output', 'old.lock')
    assert.equal(refused.exitCode, 3, refused.output)
    assert.match(
      refused.output,
      /names images by tag, and this run gives .* none, because the tag is gone at the source/,
    )
    const run = await promote('old')
    assert.equal(run.exitCode, 0, run.output)
    assert.match(run.output, /Images\.lock:12:12.*does not hold what the lock lists any more/)
    for (const { digest } of sample.children) {
      await bench.cosign.verify('tag', bench.keys, `${bench.target.host}/old/app@${digest}`)
    }
  })
})

/** What `dt images verify` does: each name is asked for, and has to have these digests for these platforms. */
async function checkAsChartTools(lock: string): Promise<void> {
  for (const { image, digests } of (parse(lock) as ChartLock).images) {
    const [, host, path, tag] = /^([^/]+)\/(.+):([^:]+)$/.exec(image) ?? []
    const answer = await fetch(`http://${host}/v2/${path}/manifests/${tag}`, {
      headers: { accept: MANIFESTS },
    })
    assert.ok(answer.ok, image)
    const digest = answer.headers.get('docker-content-digest') ?? ''
    const { manifests } = (await answer.json()) as { readonly manifests?: readonly Entry[] }
    const found = manifests?.map(({ digest: child, platform }) => ({
      digest: child,
      arch: `${platform?.os}/${platform?.architecture}`,
    })) ?? [{ digest, arch: 'linux/amd64' }]
    assert.deepEqual(digests, found)
  }
}
