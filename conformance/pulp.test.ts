import assert from 'node:assert/strict'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { buildImage } from '../__tests__/builders/build-image.ts'
import { takeInventory } from './inventory.ts'
import { Pulp } from './pulp.ts'
import { type PushedSample, pushCompleteSample } from './push-sample.ts'
import { writesAmong } from './registry-proxy.ts'
import { type CliRun, readReport, runCliWith } from './run-cli.ts'
import { missingTools } from './tools.ts'
import { Workbench } from './workbench.ts'

const FORMS = ['bundle', 'tag'] as const
const skip = missingTools('cosign', 'registry', 'referrers-registry', 'pulp', 'pulp-database')

/** Signs as podman's --sign-by does, with a key that is made for it: an OpenPGP message around a JSON that names the image. */
const SIGN_WITH_GPG = `
import base64, json, sys
from pysequoia import Cert, sign
reference, digest = sys.argv[1:]
critical = {"type": "atomic container signature", "image": {"docker-manifest-digest": digest}, "identity": {"docker-reference": reference}}
payload = json.dumps({"critical": critical, "optional": {"creator": "a test"}}).encode()
signer = Cert.generate("Release <release@example.com>").secrets.signer()
print(base64.b64encode(sign(signer, payload, armor=False)).decode())
`

describe('Pulp', { skip }, () => {
  let bench: Workbench
  let pulp: Pulp
  let sample: PushedSample

  const cli = (...args: readonly string[]): Promise<CliRun> =>
    runCliWith({ SIGNED_PROMOTE_REGISTRIES: pulp.credentials }, bench.folder, ...args)
  const promote = (from: string, to: string, ...args: readonly string[]): Promise<CliRun> => {
    const what = ['--images', `${from}@${sample.index.digest}`, '--to', to]
    return cli('promote', ...what, '--public-key', 'cosign.pub', '--report', 'report.json', ...args)
  }
  const writes = async () => writesAmong(await pulp.takeRequests())

  before(async () => {
    bench = await Workbench.open('distribution', 'referrers')
    pulp = await Pulp.start()
    const home = { host: bench.source.host, repository: 'team/app', seed: 'Pulp' }
    sample = await pushCompleteSample(bench.cosign, bench.keys, home)
    // Where the real cosign looks for its logins.
    await mkdir(join(bench.folder, 'home'), { recursive: true })
    await writeFile(join(bench.folder, 'home', 'config.json'), pulp.dockerConfig)
  })

  after(async () => {
    await pulp?.[Symbol.asyncDispose]()
    await bench?.[Symbol.asyncDispose]()
  })

  test('an index with everything on it arrives at Pulp', async () => {
    const { exitCode, output } = await promote(
      `${bench.source.host}/team/app`,
      `${pulp.host}/prod/app`,
      ...['--tags', 'v1'],
    )
    assert.equal(exitCode, 0, output)
    const [image] = (await readReport(bench.folder)).images
    assert.deepEqual(image?.targets[0]?.inventory, image?.inventory)
    const kinds = new Set<string>(image?.inventory.map(({ kind }) => kind))
    assert.deepEqual([...kinds].sort(), ['att', 'child', 'image', 'referrer', 'sbom', 'sig'])
  })

  test('cosign verifies the index and a child there', async () => {
    for (const form of FORMS) {
      await bench.cosign.verify(form, bench.keys, `${pulp.host}/prod/app@${sample.index.digest}`)
    }
    const [child] = sample.children
    await bench.cosign.verify('bundle', bench.keys, `${pulp.host}/prod/app@${child?.digest}`)
  })

  test('a second run writes nothing', async () => {
    assert.notDeepEqual(await writes(), [])
    const { exitCode, output } = await promote(
      `${bench.source.host}/team/app`,
      `${pulp.host}/prod/app`,
      ...['--tags', 'v1'],
    )
    assert.equal(exitCode, 0, output)
    const answered = await pulp.takeRequests()
    assert.notEqual(answered.length, 0)
    assert.deepEqual(writesAmong(answered), [])
  })

  test('its blobs are on another host, and all that it has arrives byte for byte from there', async () => {
    const [layer] = sample.index.blobs
    assert.ok(layer)
    const redirect = await pulp.fetch('prod/app', `/v2/prod/app/blobs/${layer.descriptor.digest}`)
    assert.equal(redirect.status, 302)
    assert.equal(new URL(redirect.headers.get('location') ?? '').host, pulp.contentHost)

    const { exitCode, output } = await promote(`${pulp.host}/prod/app`, `${bench.target.host}/back`)
    assert.equal(exitCode, 0, output)
    assert.deepEqual(
      await takeInventory(bench.target.host, 'back', sample.index.digest),
      await takeInventory(bench.source.host, 'team/app', sample.index.digest),
    )
  })

  test('an image is signed there, by us for cosign and by cosign for us', async () => {
    const image = await pushTagged('signed/there')
    const { exitCode, output } = await cli('sign', '--images', image, '--key', 'cosign.key')
    assert.equal(exitCode, 0, output)
    for (const form of FORMS) {
      await bench.cosign.verify(form, bench.keys, image)
      await bench.cosign.sign(form, bench.keys, image, { form })
      const args = ['--images', image, '--public-key', 'cosign.pub', '--require-annotations', `form=${form}`]
      const verified = await cli('verify', ...args)
      assert.equal(verified.exitCode, 0, verified.output)
    }
  })

  test('other bytes that it keeps under a digest are found before a tag moves', async () => {
    const image = buildImage({ seed: 'spoilt in Pulp' })
    await image.pushTo(bench.source.host, 'team/spoilt')
    const [layer] = image.blobs
    assert.ok(layer)
    const wrong = Buffer.alloc(layer.bytes.byteLength, 'x')
    const upload = `/v2/prod/spoilt/blobs/uploads/?digest=${layer.descriptor.digest}`
    const taken = await pulp.fetch('prod/spoilt', upload, { method: 'POST', body: wrong })
    assert.equal(taken.status, 201, 'Pulp refuses them by now: this test shows nothing any more')

    const { exitCode, output } = await cli(
      ...['promote', '--images', `${bench.source.host}/team/spoilt@${image.digest}`, '--verify', 'none'],
      ...['--to', `${pulp.host}/prod/spoilt`, '--tags', 'v1'],
    )
    assert.equal(exitCode, 4, output)
    assert.match(output, new RegExp(layer.descriptor.digest))
    assert.equal((await pulp.fetch('prod/spoilt', '/v2/prod/spoilt/manifests/v1')).status, 404)
  })

  test('its GPG signatures are carried to another Pulp repository, once', async () => {
    const names = [sample.index, ...sample.children].map(({ digest }) => digest)
    for (const digest of names) await putGpgSignature('prod/app', digest)
    await pulp.takeRequests()

    const run = () => promote(`${pulp.host}/prod/app`, `${pulp.host}/stable/app`, '--tags', 'v1')
    const first = await run()
    assert.equal(first.exitCode, 0, first.output)
    const [image] = (await readReport(bench.folder)).images
    const atomic = image?.inventory.filter(({ kind }) => kind === 'atomic')
    assert.equal(atomic?.length, names.length)
    assert.deepEqual(
      image?.targets[0]?.inventory.filter(({ kind }) => kind === 'atomic'),
      atomic,
    )
    for (const digest of names) {
      assert.deepEqual(await gpgSignatures('stable/app', digest), await gpgSignatures('prod/app', digest))
    }

    await pulp.takeRequests()
    const second = await run()
    assert.equal(second.exitCode, 0, second.output)
    assert.deepEqual(await writes(), [])
  })

  test('a registry that has no place for GPG signatures gets everything else, and the run says so', async () => {
    const { exitCode, output } = await promote(`${pulp.host}/prod/app`, `${bench.source.host}/elsewhere`)
    assert.equal(exitCode, 0, output)
    assert.match(output, /3 GPG signatures of .* left behind/)
    const [image] = (await readReport(bench.folder)).images
    assert.equal(image?.targets[0]?.leftBehind.length, 3)
  })

  /** An image of its own in a new repository of Pulp, by digest. */
  async function pushTagged(repository: string): Promise<string> {
    const image = buildImage({ seed: repository })
    await image.pushTo(bench.source.host, repository)
    const from = `${bench.source.host}/${repository}@${image.digest}`
    const to = `${pulp.host}/${repository}`
    const run = await cli('promote', '--images', from, '--to', to, '--tags', 'v1', '--verify', 'none')
    assert.equal(run.exitCode, 0, run.output)
    return `${to}@${image.digest}`
  }

  async function putGpgSignature(repository: string, digest: string): Promise<void> {
    const reference = `${pulp.host}/${repository}:v1`
    const content = (await pulp.runPython(SIGN_WITH_GPG, reference, digest)).trim()
    const name = `${digest}@${digest.slice(-32)}`
    const { status } = await pulp.fetch(repository, `/extensions/v2/${repository}/signatures/${digest}`, {
      method: 'PUT',
      body: JSON.stringify({ schemaVersion: 2, name, type: 'atomic', content }),
    })
    assert.equal(status, 201)
  }

  async function gpgSignatures(repository: string, digest: string): Promise<readonly string[]> {
    const answer = await pulp.fetch(repository, `/extensions/v2/${repository}/signatures/${digest}`)
    const { signatures } = (await answer.json()) as {
      readonly signatures: readonly { readonly content: string }[]
    }
    assert.notEqual(signatures.length, 0)
    return signatures.map(({ content }) => content)
  }
})
