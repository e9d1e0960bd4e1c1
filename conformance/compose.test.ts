import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { type PrivateSigstore, startPrivateSigstore } from '../__tests__/fakes/sigstore/private-sigstore.ts'
import { listTags } from './inventory.ts'
import { SigstoreBench } from './sigstore-bench.ts'
import { missingTools, runTool } from './tools.ts'

const SERVICES = ['--signing-config', 'signing_config.json', '--trusted-root', 'trusted_root.json']
const LOGGED = ['--transparency', 'rekor', ...SERVICES]
/** The exit code for images that do not satisfy the policy. */
const REFUSED = 5
const skip = missingTools('cosign', 'registry', 'compose-reader')

/** A service as nerdctl's library for compose files reads it. */
interface ReadService {
  readonly image: string
  readonly extensions: Readonly<Record<string, string>>
}

describe('compose files with the fields of nerdctl', { skip }, () => {
  let bench: SigstoreBench<PrivateSigstore>

  before(async () => {
    bench = await SigstoreBench.open(await startPrivateSigstore())
    const { sigstore } = bench
    await bench.write('signing_config.json', sigstore.signingConfig({ rekor: 1 }))
    await bench.write('root.json', sigstore.tufRoot)
    // nerdctl does not tell cosign whom to trust.
    await bench.cosign('initialize', '--mirror', sigstore.tufUrl, '--root', 'root.json')
  })

  after(() => bench?.[Symbol.asyncDispose]())

  /** Pushes an image for each of these services; `.env` then says where they are. */
  async function push(project: string, ...services: readonly string[]): Promise<readonly string[]> {
    const images = await Promise.all(services.map((service) => bench.pushImage(`${project}/${service}`)))
    await bench.write('.env', `REGISTRY=${bench.host}/${project}\nTAG=v1\n`)
    return images.map((image) => image.slice(image.indexOf('@') + 1))
  }

  function promote(to: string, ...args: readonly string[]) {
    return bench.run('promote', '--to', `${bench.host}/${to}/{name}`, ...args)
  }

  /** What nerdctl would find in these files. */
  async function readBack(...files: readonly string[]): Promise<Readonly<Record<string, ReadService>>> {
    return JSON.parse(await runTool(bench.folder, 'compose-reader', ...files)) as Record<string, ReadService>
  }

  test('each service is signed and verified as it says, and nerdctl accepts the file that comes out', async () => {
    const [keyed, keyless, earlier = '', plain] = await push(
      'shop',
      'keyed',
      'keyless',
      'earlier',
      'plain',
      'off',
    )
    await bench.cosign('sign', '-y', ...SERVICES, `${bench.host}/shop/earlier@${earlier}`)
    const text = `# The shop
x-cosign: &cosign
  x-nerdctl-sign: cosign # both ways
  x-nerdctl-verify: cosign
services:
  keyed:
    <<: *cosign
    image: \${REGISTRY}/keyed:\${TAG}
    x-nerdctl-cosign-private-key: ./cosign.key
    x-nerdctl-cosign-public-key: ./cosign.pub
  keyless: { <<: *cosign, image: "\${REGISTRY}/keyless:v1",
    x-nerdctl-cosign-certificate-identity-regexp: ".*/acme/app/.*",
    x-nerdctl-cosign-certificate-oidc-issuer: ${bench.sigstore.issuer} }
  earlier:
    image: "\${REGISTRY}/earlier:v1"
    x-nerdctl-verify: cosign
    x-nerdctl-cosign-certificate-identity-regexp: '.*/acme/app/.*'
    x-nerdctl-cosign-certificate-oidc-issuer-regexp: http://127[.]0[.]0[.]1:.*
  plain:
    image: \${REGISTRY}/plain:v1
    x-nerdctl-sign: none
    x-nerdctl-verify: none
  off: {image: "\${REGISTRY}/off:v1", profiles: [debug]}
`
    await bench.write('compose.yaml', text)
    const run = await promote(
      'prod',
      ...LOGGED,
      '--compose',
      'compose.yaml',
      '--tags',
      '{origin-tag}',
      '--lock-output',
      'out.yaml',
    )
    assert.equal(run.exitCode, 0, run.output)
    assert.match(run.output, /Left out, because their profiles are not on: off/)
    const at = (name: string, digest = '') => `${bench.host}/prod/${name}:v1@${digest}`
    const expected = text
      .replace(`\${REGISTRY}/keyed:\${TAG}`, at('keyed', keyed))
      .replace(`\${REGISTRY}/keyless:v1`, at('keyless', keyless))
      .replace(`\${REGISTRY}/earlier:v1`, at('earlier', earlier))
      .replace(`\${REGISTRY}/plain:v1`, at('plain', plain))
    assert.equal(await bench.read('out.yaml'), expected)
    const services = await readBack('out.yaml')
    assert.deepEqual(Object.keys(services).sort(), ['earlier', 'keyed', 'keyless', 'plain'])
    for (const [name, service] of Object.entries(services)) {
      if (name !== 'plain') await bench.cosign(...pullArguments(service))
    }
    const trust = ['--transparency', 'rekor', '--trusted-root', 'trusted_root.json']
    const verified = await bench.run('verify', '--compose', 'out.yaml', ...trust)
    assert.equal(verified.exitCode, 0, verified.output)
    const tags = await listTags(bench.host, 'prod/plain')
    assert.deepEqual(tags, ['v1'])
    assert.deepEqual(await listTags(bench.host, 'shop/plain'), ['v1'])
    assert.deepEqual(await listTags(bench.host, 'prod/off'), [])
  })

  test('one service that is not signed as it says stops all of them', async () => {
    await push('mixed', 'good', 'bad')
    const text = `services:
  good: {image: "\${REGISTRY}/good:v1", x-nerdctl-sign: cosign, x-nerdctl-cosign-private-key: cosign.key,
    x-nerdctl-verify: cosign, x-nerdctl-cosign-public-key: cosign.pub}
  bad: {image: "\${REGISTRY}/bad:v1", x-nerdctl-sign: cosign, x-nerdctl-cosign-private-key: cosign.key,
    x-nerdctl-verify: cosign, x-nerdctl-cosign-public-key: other.pub}
`
    await bench.write('compose.yaml', text)
    const run = await promote('stopped', ...LOGGED, '--compose', 'compose.yaml', '--lock-output', 'none.yaml')
    assert.equal(run.exitCode, REFUSED, run.output)
    assert.match(run.output, /compose\.yaml:4/)
    for (const name of ['good', 'bad']) assert.deepEqual(await listTags(bench.host, `stopped/${name}`), [])
    // Not even what is in order was signed.
    assert.deepEqual(await listTags(bench.host, 'mixed/good'), ['v1'])
    await assert.rejects(bench.read('none.yaml'))
  })

  test('several files, with what they include and extend, give one file to merge over them', async () => {
    const digests = await push('parts', 'web', 'db', 'worker')
    await bench.write(
      'base.yaml',
      `services: {base: {image: "\${REGISTRY}/gone:v0", x-nerdctl-sign: none}}\n`,
    )
    await bench.write('included.yaml', `services: {db: {image: "\${REGISTRY}/db:\${NONE:-v1}"}}\n`)
    await bench.write(
      'first.yaml',
      `include: [included.yaml]
services:
  web: {extends: {file: base.yaml, service: base}}
  worker: {extends: web, profiles: [jobs]}
  gone: {image: "\${REGISTRY}/gone:v0"}
`,
    )
    await bench.write(
      'second.yaml',
      `services:
  web: {image: "\${REGISTRY}/web:v1"}
  worker: {image: "\${REGISTRY}/worker:v1", x-nerdctl-sign: !reset null}
  gone: !reset null
`,
    )
    const files = ['first.yaml', 'second.yaml']
    const given = ['--compose', files.join('\n'), '--compose-profiles', 'jobs', '--verify', 'none']
    const run = await promote('parts-prod', ...given, '--lock-output', 'images.yaml')
    assert.equal(run.exitCode, 0, run.output)
    const services = await readBack('-profile', 'jobs', ...files, 'images.yaml')
    assert.deepEqual(
      Object.fromEntries(Object.entries(services).map(([name, { image }]) => [name, image])),
      Object.fromEntries(
        ['web', 'db', 'worker'].map((name, index) => [
          name,
          `${bench.host}/parts-prod/${name}@${digests[index]}`,
        ]),
      ),
    )
  })
})

/** What `nerdctl compose pull` has cosign do for a service (nerdctl, pkg/composer/pull.go and pkg/signutil/cosignutil.go). */
function pullArguments({ image, extensions }: ReadService): readonly string[] {
  assert.equal(extensions['x-nerdctl-verify'], 'cosign')
  const field = (name: string) => extensions[`x-nerdctl-cosign-${name}`]
  const key = field('public-key')
  if (key !== undefined) return ['verify', '--key', key, image]
  const certificate = ['identity', 'identity-regexp', 'oidc-issuer', 'oidc-issuer-regexp'].flatMap((name) => {
    const value = field(`certificate-${name}`)
    return value === undefined ? [] : [`--certificate-${name}`, value]
  })
  return ['verify', ...certificate, image]
}
