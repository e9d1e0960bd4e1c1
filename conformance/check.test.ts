import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { buildImage } from '../__tests__/builders/build-image.ts'
import { EXIT_CODES } from '../src/errors.ts'
import { attachedTag, fallbackTag } from '../src/oci/attached-tag.ts'
import type { Descriptor } from '../src/oci/descriptor.ts'
import { ACCEPTED_MANIFESTS } from '../src/oci/media-types.ts'
import { takeInventory } from './inventory.ts'
import { type PushedSample, pushCompleteSample } from './push-sample.ts'
import { type RegistryProxy, startRegistryProxy, writesAmong } from './registry-proxy.ts'
import { type CliRun, readReport, runCli } from './run-cli.ts'
import { missingTools } from './tools.ts'
import { Workbench } from './workbench.ts'

const REPOSITORY = 'prod'
const SEED = 'to be checked'

describe('drift in distribution', { skip: missingTools('cosign', 'registry') }, () => {
  let bench: Workbench
  let proxy: RegistryProxy
  let sample: PushedSample

  before(async () => {
    bench = await Workbench.open('distribution', 'distribution')
    proxy = await startRegistryProxy(bench.target.host)
    const home = { host: bench.source.host, repository: 'team/app', seed: SEED }
    sample = await pushCompleteSample(bench.cosign, bench.keys, home)
    await bench.writeLock(`${home.host}/team/app@${sample.index.digest}`)
    assert.equal((await run('promote', '--tags', 'v1')).exitCode, 0)
  })

  after(async () => {
    await proxy?.[Symbol.asyncDispose]()
    await bench?.[Symbol.asyncDispose]()
  })

  const run = (command: string, ...more: readonly string[]): Promise<CliRun> =>
    runCli(
      bench.folder,
      ...[command, '--lock', 'images.yml', '--to', `${proxy.host}/${REPOSITORY}`],
      ...['--public-key', 'cosign.pub', '--report', 'report.json', ...more],
    )

  const expectNoDrift = async (): Promise<void> => {
    const { exitCode, output } = await run('check', '--tags', 'v1')
    assert.equal(exitCode, 0, output)
  }

  /** The kinds of drift that a check finds, each once. */
  const expectDrift = async (...kinds: readonly string[]): Promise<string> => {
    proxy.requests.length = 0
    const { exitCode, output } = await run('check', '--tags', 'v1')
    assert.equal(exitCode, EXIT_CODES.drift, output)
    const { drift = [] } = await readReport(bench.folder)
    assert.deepEqual([...new Set(drift.map(({ kind }) => kind))].sort(), [...kinds].sort(), output)
    assert.deepEqual(writesAmong(proxy.requests), [])
    return output
  }

  const repair = async (...more: readonly string[]): Promise<void> => {
    const { exitCode, output } = await run('repair', ...more)
    assert.equal(exitCode, 0, output)
    await expectNoDrift()
  }

  test('there is none after a promotion', expectNoDrift)

  test('a signature that was removed is found and brought back', async () => {
    await remove(attachedTag(sample.index.digest, 'sig'))
    await expectDrift('attached-missing')
    await repair()
    for (const form of ['tag', 'bundle'] as const) {
      await bench.cosign.verify(form, bench.keys, `${bench.target.host}/${REPOSITORY}@${sample.index.digest}`)
    }
  })

  test('a list of referrers that was removed, and a referrer with it, is found and brought back', async () => {
    const tag = fallbackTag(sample.index.digest)
    const list = (await (await ask('GET', tag)).json()) as { readonly manifests: readonly Descriptor[] }
    await remove(list.manifests[0]?.digest ?? '')
    await remove(tag)
    await expectDrift('attached-missing')
    await repair()
  })

  test('a platform that was deleted is found and brought back', async () => {
    await remove(sample.children[0]?.digest ?? '')
    await expectDrift('child-missing')
    await repair()
  })

  test('a signer that changed is named, and the signature of the policy is put beside', async () => {
    const others = await bench.cosign.generateKeys('other')
    const image = `${bench.target.host}/${REPOSITORY}@${sample.index.digest}`
    await remove(attachedTag(sample.index.digest, 'sig'))
    await remove(fallbackTag(sample.index.digest))
    await bench.cosign.sign('bundle', others, image)
    const output = await expectDrift('attached-missing', 'policy')
    assert.match(output, /it names the key sha256:\S+ as its maker/)
    await repair()
    for (const keys of [bench.keys, others]) await bench.cosign.verify('bundle', keys, image)
  })

  test('an image that was written over a list of referrers is said, left alone, and replaced if told to', async () => {
    const tag = fallbackTag(sample.index.digest)
    const poison = buildImage({ seed: 'poison' })
    await poison.pushTo(bench.target.host, REPOSITORY, tag)
    const left = await run('repair')
    assert.equal(left.exitCode, EXIT_CODES.conflict, left.output)
    assert.match(left.output, /holds an image \(sha256:\w+\) where the list of the referrers/)
    await repair('--rebuild-fallback', 'true')
    assert.equal((await ask('HEAD', poison.digest)).status, 200)
  })

  test('a second repair writes nothing, and the image is as it is at the source', async () => {
    proxy.requests.length = 0
    await repair('--rebuild-fallback', 'true')
    assert.notEqual(proxy.requests.length, 0)
    assert.deepEqual(writesAmong(proxy.requests), [])
    const there = await takeInventory(bench.target.host, REPOSITORY, sample.index.digest)
    const source = await takeInventory(bench.source.host, 'team/app', sample.index.digest)
    assert.deepEqual(
      source.filter((line) => !there.includes(line)),
      [],
    )
  })

  test('tags are found that were moved or made, and left to whoever knows better', async () => {
    const other = buildImage({ seed: 'other' })
    await other.pushTo(bench.target.host, REPOSITORY, 'v1')
    await sample.index.pushTo(bench.target.host, REPOSITORY, 'latest')
    await expectDrift('tag-extra', 'tag-moved')
    assert.equal((await run('repair')).exitCode, 0)
    await expectDrift('tag-extra', 'tag-moved')
    await remove('latest')
    const { exitCode, output } = await run('promote', '--tags', 'v1', '--existing-tags', 'move')
    assert.equal(exitCode, 0, output)
    await expectNoDrift()
  })

  test('an image that was deleted is found, and left to a promotion', async () => {
    await remove(sample.index.digest)
    await expectDrift('image-missing')
    const { exitCode, output } = await run('repair')
    assert.equal(exitCode, EXIT_CODES.drift, output)
    assert.equal((await run('promote', '--tags', 'v1')).exitCode, 0)
    await expectNoDrift()
  })

  function ask(method: string, reference: string): Promise<Response> {
    const url = `http://${bench.target.host}/v2/${REPOSITORY}/manifests/${reference}`
    return fetch(url, { method, headers: { accept: ACCEPTED_MANIFESTS.join(', ') } })
  }

  /** A tag alone, or a manifest with all of its tags. */
  async function remove(reference: string): Promise<void> {
    const { status } = await ask('DELETE', reference)
    assert.equal(status, 202, reference)
  }
})
