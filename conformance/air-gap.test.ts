import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdir, readdir, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { buildLock } from '../__tests__/builders/build-lock.ts'
import { type PrivateSigstore, startPrivateSigstore } from '../__tests__/fakes/sigstore/private-sigstore.ts'
import { takeInventory } from './inventory.ts'
import { type PushedSample, pushBareSample, pushCompleteSample } from './push-sample.ts'
import { type RegistryProxy, startRegistryProxy, writesAmong } from './registry-proxy.ts'
import { runCliWith, startCli } from './run-cli.ts'
import { missingTools, type ProgramName, runTool } from './tools.ts'
import { Workbench } from './workbench.ts'

const IDENTITY = 'https://github.com/acme/app/.github/workflows/release.yml@refs/heads/main'
const LAYOUT = 'oci-layout:release.tar'
const TRUST = ['--policy', 'policy.yml', '--trusted-root', 'trusted_root.json']
/** Blobs of images that a run has fetched when it is killed. */
const ENOUGH = 3

/** The two images of a release: one signed with a key and with all that can hang on it, one signed keyless. */
interface Release {
  readonly app: PushedSample
  readonly tool: PushedSample
}

describe('through an archive, to where there is no network', {
  skip: missingTools('cosign', 'registry', 'referrers-registry', 'crane', 'oras', 'regctl', 'skopeo'),
}, () => {
  let bench: Workbench
  let sigstore: PrivateSigstore
  let source: RegistryProxy
  let target: RegistryProxy
  let release: Release
  /** What the source holds of each image. */
  let held: readonly (readonly string[])[]

  before(async () => {
    sigstore = await startPrivateSigstore()
    bench = await Workbench.open('distribution', 'referrers')
    source = await startRegistryProxy(bench.source.host)
    target = await startRegistryProxy(bench.target.host)
    const { host } = bench.source
    const app = await pushCompleteSample(bench.cosign, bench.keys, {
      host,
      repository: 'team/app',
      seed: 'app',
    })
    const tool = await pushBareSample({ host, repository: 'team/tool', seed: 'tool' })
    release = { app, tool }
    await write('trusted_root.json', sigstore.trustedRoot)
    await write('signing_config.json', sigstore.signingConfig({ rekor: 1 }))
    await write('policy.yml', policyFor(source.host, sigstore.issuer))
    await write('images.yml', buildLock(images(source.host, release).map((image) => ({ image }))))
    const signing = ['--signing-config', 'signing_config.json', '--trusted-root', 'trusted_root.json']
    const token = { SIGSTORE_ID_TOKEN: sigstore.token() }
    const tools = ['--images', `${host}/team/tool@${tool.index.digest}`]
    const signed = await runCliWith(token, bench.folder, 'sign', ...tools, '--sign', 'keyless', ...signing)
    assert.equal(signed.exitCode, 0, signed.output)
    held = await inventoriesAt(host, 'team', release)
  })

  after(async () => {
    await source?.[Symbol.asyncDispose]()
    await target?.[Symbol.asyncDispose]()
    await bench?.[Symbol.asyncDispose]()
    await sigstore?.close()
  })

  const write = (name: string, text: string) => writeFile(join(bench.folder, name), text)
  const save = ['promote', '--lock', 'images.yml', '--to', LAYOUT, '--tags', 'v1', ...TRUST]

  /** The digests of the images' own blobs that were fetched since the last time: signatures are read to be judged. */
  function fetched(): readonly string[] {
    const own = new Set([release.app, release.tool].flatMap(blobsOf))
    const paths = source.requests.splice(0).filter(({ method }) => method === 'GET')
    return paths.map(({ path }) => path.split('/').at(-1) ?? '').filter((digest) => own.has(digest))
  }

  test('a run that is killed in the middle leaves what it has, and no archive', async () => {
    const child = startCli({}, bench.folder, ...save, '--concurrency', '1')
    const ended = once(child, 'exit')
    while ((await keptBlobs(bench.folder)).length < ENOUGH && child.exitCode === null) await sleep(5)
    child.kill('SIGKILL')
    await ended
    assert.equal(child.signalCode, 'SIGKILL')
    assert.deepEqual(await releaseFiles(bench.folder), ['release.tar.partial'])
  })

  test('the next run fetches only what is missing, and leaves an archive', async () => {
    fetched()
    const before = await keptBlobs(bench.folder)
    const { exitCode, output } = await runCliWith({}, bench.folder, ...save)
    assert.equal(exitCode, 0, output)
    const again = fetched()
    assert.ok(before.length >= ENOUGH && again.length > 0)
    assert.deepEqual(
      again.filter((digest) => before.includes(digest)),
      [],
    )
    assert.deepEqual(await releaseFiles(bench.folder), ['release.tar'])
  })

  test('a run after that fetches no blob of an image and leaves the archive alone', async () => {
    const before = await stat(join(bench.folder, 'release.tar'))
    const { exitCode, output } = await runCliWith({}, bench.folder, ...save)
    assert.equal(exitCode, 0, output)
    assert.deepEqual(fetched(), [])
    const { ino, mtimeMs } = await stat(join(bench.folder, 'release.tar'))
    assert.deepEqual([ino, mtimeMs], [before.ino, before.mtimeMs])
  })

  describe('other tools read it', () => {
    let name: string

    before(async () => {
      name = `${source.host}/team/app:v1`
      await mkdir(join(bench.folder, 'layout'))
      await use('tar', '-C', 'layout', '-xf', 'release.tar')
    })

    /** Runs a tool in the folder; what it printed. */
    function use(tool: ProgramName, ...args: readonly string[]): Promise<string> {
      return runTool(bench.folder, tool, ...args)
    }

    test('oras finds an image by its digest, with its referrers and theirs', async () => {
      const { digest } = release.app.index
      for (const layout of ['layout', 'release.tar']) {
        const found = await use('oras', 'discover', '--oci-layout', `${layout}@${digest}`)
        for (const type of ['sigstore.bundle', 'example.scan', 'example.licences', 'example.note'])
          assert.ok(found.includes(type), `${type} in ${found}`)
      }
    })

    test('regctl lists the referrers by the fallback tag, and the tags of cosign', async () => {
      const { digest } = release.app.index
      const found = await use('regctl', 'artifact', 'list', `ocidir://layout@${digest}`)
      for (const type of ['sigstore.bundle', 'example.scan', 'example.licences'])
        assert.ok(found.includes(type), found)
      const tags = await use('regctl', 'tag', 'ls', 'ocidir://layout')
      for (const kind of ['sig', 'att', 'sbom'])
        assert.ok(tags.includes(`${digest.replace(':', '-')}.${kind}`), tags)
    })

    test('skopeo reads an image by its name, from the archive and from the folder', async () => {
      for (const place of ['oci-archive:release.tar', 'oci:layout']) {
        const raw = await use('skopeo', 'inspect', '--raw', `${place}:${name}`)
        assert.deepEqual(Buffer.from(raw), Buffer.from(release.app.index.manifest.bytes))
      }
    })

    test('a tag that two images share names none to skopeo and oras, and either of them to regctl', async () => {
      const byTag = ['inspect', '--raw', 'oci-archive:release.tar:v1']
      await assert.rejects(use('skopeo', ...byTag), /no descriptor found/)
      await assert.rejects(use('oras', 'discover', '--oci-layout', 'release.tar:v1'), /not found/)
      const digests = [release.app, release.tool].map(({ index }) => index.digest)
      const found = await use('regctl', 'manifest', 'head', 'ocidir://layout:v1')
      assert.ok(
        digests.some((digest) => found.includes(digest)),
        found,
      )
    })

    test('crane pushes all of it', async () => {
      const pushed = await use('crane', 'push', '--index', 'layout', `${bench.target.host}/crane/all:v1`)
      assert.match(pushed, /@sha256:/)
      const { digest } = release.app.index
      assert.equal((await use('crane', 'digest', `${bench.target.host}/crane/all@${digest}`)).trim(), digest)
    })
  })

  describe('on the other side', () => {
    const asked: string[] = []
    const gateway = createServer()
    let environment: Readonly<Record<string, string>>

    before(async () => {
      await bench.source[Symbol.asyncDispose]()
      await sigstore.close()
      gateway.on('connect', ({ url = '' }, socket) => {
        asked.push(url)
        socket.end('HTTP/1.1 403 Forbidden\r\n\r\n')
      })
      gateway.listen(0, '127.0.0.1')
      await once(gateway, 'listening')
      const proxy = `http://127.0.0.1:${(gateway.address() as AddressInfo).port}`
      environment = { HTTP_PROXY: proxy, HTTPS_PROXY: proxy }
      source.requests.length = 0
    })

    after(() => gateway.close())

    const load = () => {
      const to = `${target.host}/prod/{name}`
      return runCliWith(
        environment,
        bench.folder,
        'promote',
        '--from',
        LAYOUT,
        '--to',
        to,
        '--tags',
        'v1',
        ...TRUST,
      )
    }

    test('everything arrives, judged by files alone', async () => {
      const { exitCode, output } = await load()
      assert.equal(exitCode, 0, output)
      assert.deepEqual(await inventoriesAt(bench.target.host, 'prod', release), held)
      assert.deepEqual([asked, source.requests], [[], []])
    })

    test('cosign verifies it there, in both forms, by the key and by the identity', async () => {
      const app = `${bench.target.host}/prod/app@${release.app.index.digest}`
      const tool = `${bench.target.host}/prod/tool@${release.tool.index.digest}`
      const trustedRoot = 'trusted_root.json'
      for (const form of ['bundle', 'tag'] as const) {
        await bench.cosign.verify(form, bench.keys, app)
        await bench.cosign.verifyKeyless(
          form,
          { identity: IDENTITY, issuer: sigstore.issuer, trustedRoot },
          tool,
        )
      }
    })

    test('a second run writes nothing', async () => {
      target.requests.length = 0
      const { exitCode, output } = await load()
      assert.equal(exitCode, 0, output)
      assert.notEqual(target.requests.length, 0)
      assert.deepEqual(writesAmong(target.requests), [])
    })

    test('an image that the policy does not know stays in the archive', async () => {
      await write('policy.yml', policyFor('elsewhere.example', sigstore.issuer))
      const { exitCode, output } = await load()
      assert.equal(exitCode, 5, output)
    })
  })
})

function images(host: string, { app, tool }: Release): readonly string[] {
  return [`${host}/team/app@${app.index.digest}`, `${host}/team/tool@${tool.index.digest}`]
}

function policyFor(host: string, issuer: string): string {
  return `version: 1
signers:
  release: { public-key: cosign.pub }
  ci:
    certificate-identity: ${IDENTITY}
    certificate-oidc-issuer: ${issuer}
rules:
  - repository: ${host}/team/app
    signed-by: { any: [release] }
  - repository: ${host}/team/tool
    signed-by: { any: [ci] }
`
}

function inventoriesAt(host: string, folder: string, { app, tool }: Release) {
  return Promise.all([
    takeInventory(host, `${folder}/app`, app.index.digest),
    takeInventory(host, `${folder}/tool`, tool.index.digest),
  ])
}

function blobsOf({ index }: PushedSample): readonly string[] {
  return index.blobs.map(({ descriptor }) => descriptor.digest)
}

/** The blobs beside the archive. */
async function keptBlobs(folder: string): Promise<readonly string[]> {
  const files = await readdir(join(folder, 'release.tar.partial/blobs/sha256')).catch(() => [])
  return files.filter((name) => /^[0-9a-f]{64}$/.test(name)).map((hex) => `sha256:${hex}`)
}

async function releaseFiles(folder: string): Promise<readonly string[]> {
  return (await readdir(folder)).filter((name) => name.startsWith('release'))
}
