import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { buildImage } from '../__tests__/builders/build-image.ts'
import { buildLock } from '../__tests__/builders/build-lock.ts'
import { EXIT_CODES } from '../src/errors.ts'
import type { Descriptor } from '../src/oci/descriptor.ts'
import { imgpkgTag, locationsTag } from '../src/oci/imgpkg-tag.ts'
import { BundleChain, type PushedBundle } from './bundle-chain.ts'
import { listTags } from './inventory.ts'
import { writesAmong } from './registry-proxy.ts'
import { type CliRun, readReport, runCli } from './run-cli.ts'
import { missingTools } from './tools.ts'

interface Manifest {
  readonly config: Descriptor
  readonly layers: readonly Descriptor[]
}

const GATE = ['--public-key', 'test.pub', '--require-annotations', 'e2e-tests-passed=True']
const skip = missingTools('cosign', 'imgpkg', 'registry', 'referrers-registry')

describe('takes a bundle of imgpkg from dev through test to prod', { skip }, () => {
  let chain: BundleChain
  let bundle: PushedBundle

  const run = async (...args: readonly string[]): Promise<CliRun> => {
    const done = await runCli(chain.folder, ...args, '--report', 'report.json')
    assert.equal(done.exitCode, 0, done.output)
    return done
  }

  const toProd = (...more: readonly string[]) => [
    ...['promote', '--bundle', `${chain.test.host}/test/app@${bundle.outer}`],
    ...[
      '--to',
      `${chain.prod.host}/prod/app`,
      '--tags',
      '{origin-tag}',
      '--tags',
      'stable',
      ...GATE,
      ...more,
    ],
  ]

  /** Where each image of the bundle is in a repository. */
  const at = (place: string) => bundle.all.map((digest) => `${place}@${digest}`)

  before(async () => {
    chain = await BundleChain.start()
    bundle = await chain.push('app')
  })

  after(() => chain?.[Symbol.asyncDispose]())

  test('signs all of it in dev, and promotes it to test', async () => {
    const dev = `${chain.dev.host}/bundles/app:v1`
    await run('sign', '--bundle', dev, '--key', 'dev.key')
    await run(
      'promote',
      '--bundle',
      dev,
      '--to',
      `${chain.test.host}/test/app`,
      '--tags',
      '{origin-tag}',
      '--public-key',
      'dev.pub',
    )
    const { images } = await readReport(chain.folder)
    assert.deepEqual(
      images.map(({ targets }) => targets[0]?.target),
      at(`${chain.test.host}/test/app`),
    )
    // The tags that are no image's own are left to imgpkg's next copy.
    const tags = await listTags(chain.test.host, 'test/app')
    assert.deepEqual(
      tags.filter((tag) => tag === 'v1' || tag.endsWith('.imgpkg')),
      ['v1', locationsTag(bundle.outer), locationsTag(bundle.inner)].sort(),
    )
  })

  test('does not let it pass to prod before the tests have, nor what is in dev at any time', async () => {
    for (const source of [`${chain.test.host}/test/app:v1`, `${chain.dev.host}/bundles/app:v1`]) {
      const { exitCode, output } = await runCli(
        chain.folder,
        ...['promote', '--bundle', source, '--to', `${chain.prod.host}/prod/app`, '--tags', 'v1', ...GATE],
      )
      assert.equal(exitCode, EXIT_CODES.verification, output)
    }
    assert.deepEqual(await listTags(chain.prod.host, 'prod/app'), [])
  })

  test('promotes it to prod once it is signed with what was tested, every digest the same', async () => {
    await run(
      ...['sign', '--bundle', `${chain.test.host}/test/app:v1`, '--key', 'test.key'],
      ...['--annotations', 'e2e-tests-passed=True'],
    )
    await writeFile(
      join(chain.folder, 'test.lock.yml'),
      `apiVersion: imgpkg.carvel.dev/v1alpha1\nkind: BundleLock\nbundle:\n  image: ${chain.test.host}/test/app@${bundle.outer}\n  tag: v1\n`,
    )
    await run(
      ...[
        'promote',
        '--lock',
        'test.lock.yml',
        '--to',
        `${chain.prod.host}/prod/app`,
        '--tags',
        '{origin-tag}',
      ],
      ...['--tags', 'stable', '--lock-output', 'prod.lock.yml', ...GATE],
    )
    const { images } = await readReport(chain.folder)
    assert.deepEqual(
      images.map(({ targets }) => targets[0]?.target),
      at(`${chain.prod.host}/prod/app`),
    )
    assert.match(
      await readFile(join(chain.folder, 'prod.lock.yml'), 'utf8'),
      /^ {2}tag: v1\nkind: BundleLock$/m,
    )
    const gated = await runCli(
      chain.folder,
      ...['verify', '--bundle', `${chain.dev.host}/bundles/app@${bundle.outer}`, ...GATE],
    )
    assert.equal(gated.exitCode, EXIT_CODES.verification, gated.output)
  })

  test('writes nothing to prod a second time', async () => {
    chain.prod.requests.length = 0
    await run(...toProd())
    assert.deepEqual(writesAmong(chain.prod.requests), [])
    assert.equal((await runCli(chain.folder, ...toProd().with(0, 'plan'))).exitCode, 0)
  })

  test('is what imgpkg would have made, which is left alone where imgpkg was first', async () => {
    const copied = `${chain.prod.host}/prod/copied`
    await chain.imgpkg.run('copy', '-b', `${chain.dev.host}/bundles/app@${bundle.outer}`, '--to-repo', copied)
    const ours = `http://${chain.prod.host}/v2/prod/app`
    const theirs = `http://${chain.prod.host}/v2/prod/copied`
    for (const tag of [locationsTag(bundle.outer), locationsTag(bundle.inner)]) {
      assert.deepEqual(await contentOf(ours, tag), await contentOf(theirs, tag))
    }
    const before = await digestOf(theirs, locationsTag(bundle.outer))
    await run(
      'promote',
      '--bundle',
      `${chain.test.host}/test/app:v1`,
      '--to',
      copied,
      '--imgpkg-tags',
      'true',
      ...GATE,
    )
    assert.equal(await digestOf(theirs, locationsTag(bundle.outer)), before)
    // Every image has the tag from imgpkg; so it is where only this program was.
    await run(...toProd('--imgpkg-tags', 'true'))
    const tags = await listTags(chain.prod.host, 'prod/app')
    for (const digest of bundle.all) assert.ok(tags.includes(imgpkgTag(digest)), digest)
  })

  test('is whole for imgpkg in prod when dev and test are gone: pulled, described and copied', async () => {
    await chain.endAllButProd()
    const place = `${chain.prod.host}/prod/app`
    const [, ...others] = at(place)
    const direct = others.slice(0, -1).sort()
    assert.deepEqual(await chain.imgpkg.pull('-b', `${place}:stable`), direct)
    assert.deepEqual(await chain.imgpkg.pull('--lock', join(chain.folder, 'prod.lock.yml')), direct)
    const described = await chain.imgpkg.describe(`${place}:v1`)
    for (const image of others) assert.ok(described.includes(image), `${image} in ${described.join('\n')}`)
    const copy = `${chain.prod.host}/elsewhere/app`
    await chain.imgpkg.run('copy', '--lock', join(chain.folder, 'prod.lock.yml'), '--to-repo', copy)
    assert.deepEqual(
      await chain.imgpkg.pull('-b', `${copy}:v1`),
      direct.map((image) => image.replace(place, copy)),
    )
  })
})

describe("tags by kbld's origins", { skip }, () => {
  let chain: BundleChain

  before(async () => {
    chain = await BundleChain.start()
  })

  after(() => chain?.[Symbol.asyncDispose]())

  /** Pushes images to one repository and lists each as kbld does, with the tag by which it was found. */
  const promote = async (...tags: readonly string[]): Promise<CliRun> => {
    const { host } = chain.dev
    const entries = []
    for (const [number, tag] of tags.entries()) {
      const image = buildImage({ seed: `image ${number}` })
      await image.pushTo(host, 'apps/tool')
      const url = `${host}/apps/tool:${tag}`
      const origins = `- resolved:\n    tag: "${tag}"\n    url: ${url}\n`
      entries.push({
        image: `${host}/apps/tool@${image.digest}`,
        annotations: { 'kbld.carvel.dev/id': url, 'kbld.carvel.dev/origins': origins },
      })
    }
    await writeFile(join(chain.folder, 'kbld.yml'), buildLock(entries))
    return runCli(
      chain.folder,
      ...['promote', '--lock', 'kbld.yml', '--to', `${chain.prod.host}/tools`, '--tags', '{origin-tag}-prod'],
      ...['--verify', 'none', '--lock-output', 'out.yml'],
    )
  }

  test('two images of one repository keep their own, and the list keeps what kbld wrote', async () => {
    const { exitCode, output } = await promote('1.14', 'v2')
    assert.equal(exitCode, 0, output)
    assert.deepEqual(await listTags(chain.prod.host, 'tools'), ['1.14-prod', 'v2-prod'])
    const [before, after] = await Promise.all(
      ['kbld.yml', 'out.yml'].map((file) => readFile(join(chain.folder, file), 'utf8')),
    )
    const originOf = (text = '') => [...text.matchAll(/tag: \\?"(\S+?)\\?"/g)].map(([, tag]) => tag)
    assert.deepEqual(originOf(after), originOf(before))
  })

  test('two images that were known by the same tag are refused before anything is written', async () => {
    chain.prod.requests.length = 0
    const { exitCode, output } = await promote('v3', 'v3')
    assert.equal(exitCode, EXIT_CODES.input, output)
    assert.match(output, /Two images would get the tag 127\.0\.0\.1:\d+\/tools:v3-prod/)
    assert.deepEqual(writesAmong(chain.prod.requests), [])
  })
})

async function manifestAt(repository: string, reference: string): Promise<Response> {
  const accept = 'application/vnd.docker.distribution.manifest.v2+json'
  const response = await fetch(`${repository}/manifests/${reference}`, { headers: { accept } })
  assert.ok(response.ok, `${repository}:${reference}: ${response.status}`)
  return response
}

/** What an image with one layer says: its config, but for what depends on how the layer is packed, and the text in the layer. */
async function contentOf(repository: string, reference: string) {
  const { config, layers, ...manifest } = (await (await manifestAt(repository, reference)).json()) as Manifest
  const [{ rootfs: _, ...facts }, bytes] = await Promise.all([
    fetch(`${repository}/blobs/${config.digest}`).then(
      (answer) => answer.json() as Promise<Record<string, unknown>>,
    ),
    fetch(`${repository}/blobs/${layers[0]?.digest}`).then((answer) => answer.arrayBuffer()),
  ])
  const types = [config, ...layers].map(({ mediaType }) => mediaType)
  return { ...manifest, types, facts, text: /---\n[^\0]*/.exec(gunzipSync(bytes).toString())?.[0] }
}

async function digestOf(repository: string, reference: string): Promise<string | null> {
  const response = await manifestAt(repository, reference)
  await response.body?.cancel()
  return response.headers.get('docker-content-digest')
}
