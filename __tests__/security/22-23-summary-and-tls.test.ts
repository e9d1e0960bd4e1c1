import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { attachedTag } from '../../src/oci/attached-tag.ts'
import { makeImageManifest } from '../../src/oci/manifest.ts'
import { MEDIA_TYPES } from '../../src/oci/media-types.ts'
import { formatSummary } from '../../src/report/summary.ts'
import { buildBlob } from '../builders/built-artifact.ts'
import { type PromotionScene, SOURCE_PATH } from '../builders/promotion-scene.ts'
import { PUBLIC_CERTIFICATE } from './public-certificate.ts'
import { PUBLIC_NAME, PublicName } from './public-name.ts'
import { runTerminal } from './run-program.ts'
import { secureScene } from './secure-scene.ts'

const ALWAYS = Number.POSITIVE_INFINITY
const HOSTILE = [
  '<img src=x onerror=alert(1)>',
  '<!-- </details> -->',
  '[click](javascript:alert(1))',
  '![](https://evil.example/pixel)',
  'https://evil.example/login',
  '| forged | row |',
  '`code` **bold** ~~gone~~ # heading',
  '@everyone $x^2$',
  '\u001b[31mred\u001b[0m \u001b]8;;https://evil.example\u0007link\u001b]8;;\u0007',
  '\u202Egnp.exe',
  '\n\n## ✅ 99 images promoted\n\n',
].join(' ')

/** What acts on a terminal or turns the direction of text; a line ends with a line feed. */
const ACTS = /(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u

/** Nothing of the hostile text acts as Markdown, HTML or a terminal's command. */
function isHarmless(markdown: string): void {
  assert.doesNotMatch(markdown, /<(?!br>|!-- -->)/)
  assert.doesNotMatch(markdown, ACTS)
  const text = markdown.replace(/`[^`\n]*`/g, '').replace(/\\[\\`*_{}[\]()#+!|~@$]/g, '')
  assert.doesNotMatch(text, /\]\(|!\[|https?:\/\/|~~|@everyone|forged\s*\|/)
  assert.equal(markdown.match(/^#/gm)?.length, 1)
  assert.doesNotMatch(markdown, /^## ✅ 99/m)
}

describe('22. Text from a registry is text in the summary and on a terminal', () => {
  test('of an error', async () => {
    await using scene = await secureScene()
    const body = JSON.stringify({ errors: [{ code: HOSTILE, message: HOSTILE }] })
    scene.source.fault(({ path }) => path.includes('/manifests/'), ALWAYS, { status: 403, body })
    const { exitCode, result } = await scene.run()
    assert.equal(exitCode, 4)
    assert.match(formatSummary(result), /onerror/)
    isHarmless(formatSummary(result))
    const words = ['promote', '--lock', 'images.yml', '--to', `${scene.target.host}/a`, '--verify', 'none']
    for (const more of [[], ['--json']]) {
      const { stdout, stderr } = await runTerminal([...words, ...more], scene)
      assert.match(stderr, /onerror/)
      for (const text of [stdout, stderr]) assert.doesNotMatch(text, ACTS)
    }
  })

  test('of a signature that is refused', async () => {
    await using scene = await secureScene()
    hangLayer(scene, HOSTILE)
    const { exitCode, result } = await scene.run()
    assert.equal(exitCode, 5)
    assert.match(formatSummary(result), /onerror/)
    isHarmless(formatSummary(result))
  })

  test('of a lock', async () => {
    await using scene = await secureScene()
    await scene.write(
      'images.yml',
      `---\napiVersion: ${JSON.stringify(HOSTILE)}\nkind: ${JSON.stringify(HOSTILE)}\n`,
    )
    const { exitCode, result } = await scene.run()
    assert.equal(exitCode, 3)
    assert.match(formatSummary(result), /onerror/)
    isHarmless(formatSummary(result))
    const words = ['promote', '--lock', 'images.yml', '--to', `${scene.target.host}/a`, '--verify', 'none']
    const { stdout, stderr } = await runTerminal(words, scene)
    assert.match(stderr, /onerror/)
    for (const text of [stdout, stderr]) assert.doesNotMatch(text, ACTS)
  })
})

/** Puts one layer of this media type under the .sig tag of the sample, and takes all other signatures away. */
function hangLayer({ source, sample }: PromotionScene, mediaType: string): void {
  const repository = source.store.repository(SOURCE_PATH)
  const config = buildBlob(MEDIA_TYPES.ociConfig, '{}')
  const layer = buildBlob(mediaType, 'payload')
  for (const { bytes } of [config, layer]) repository.putBlob(bytes)
  const manifest = makeImageManifest({ config: config.descriptor, layers: [layer.descriptor] })
  const digest = repository.putManifest(manifest.bytes, manifest.descriptor.mediaType)
  repository.tags.set(attachedTag(sample.image.digest, 'sig'), digest)
  source.switches.referrersAnswer = 'empty'
}

describe('23. Plain HTTP is spoken to loopback and to the hosts listed, and certificates are always checked', () => {
  function inputsFor(scene: PromotionScene, registry = PUBLIC_NAME) {
    return { lock: '', images: `${registry}/${SOURCE_PATH}@${scene.sample.image.digest}` }
  }

  test('a registry with a certificate that is trusted is spoken to over TLS', async () => {
    await using scene = await secureScene()
    await using name = await PublicName.start(scene.source.host)
    const { exitCode, result } = await scene.run(inputsFor(scene))
    assert.deepEqual([exitCode, result.errors], [0, []])
    assert.deepEqual(new Set(name.asked), new Set([`CONNECT ${PUBLIC_NAME}:443`]))
  })

  test('one whose certificate nobody signed is not, and it is not tried without', async () => {
    await using scene = await secureScene()
    await using name = await PublicName.start(scene.source.host, { isTrusted: false })
    const { exitCode, result } = await scene.run(inputsFor(scene))
    assert.equal(exitCode, 4)
    assert.match(result.errors[0]?.hint ?? '', /NODE_EXTRA_CA_CERTS/)
    assert.deepEqual(name.asked, [`CONNECT ${PUBLIC_NAME}:443`])
    assert.deepEqual(scene.source.requests, [])
  })

  test('one whose certificate is for another name is not', async () => {
    await using scene = await secureScene()
    const other = 'other.example'
    await using _ = await PublicName.start(scene.source.host, { name: other })
    const { exitCode, result } = await scene.run(inputsFor(scene, other))
    assert.equal(exitCode, 4)
    assert.match(result.errors[0]?.message ?? '', /other\.example.*altnames/)
    assert.deepEqual(scene.source.requests, [])
  })

  test('one that speaks plain HTTP only is not', async () => {
    await using scene = await secureScene()
    await using name = await PublicName.start(scene.source.host, { hasTls: false })
    const { exitCode, result } = await scene.run(inputsFor(scene))
    assert.equal(exitCode, 4)
    assert.match(result.errors[0]?.hint ?? '', /It answers without TLS; .* `insecure-registries`/)
    assert.deepEqual(new Set(name.asked), new Set([`CONNECT ${PUBLIC_NAME}:443`]))
    assert.deepEqual(scene.source.requests, [])
  })

  test('one that is listed is spoken to in plain HTTP, and a host that only begins or ends like it is not', async () => {
    await using scene = await secureScene()
    await using name = await PublicName.start(scene.source.host)
    const insecure = { 'insecure-registries': PUBLIC_NAME }
    const { exitCode } = await scene.run({ ...inputsFor(scene), ...insecure })
    assert.equal(exitCode, 0)
    assert.deepEqual(new Set(name.asked), new Set([`CONNECT ${PUBLIC_NAME}:80`]))
    for (const other of [`${PUBLIC_NAME}:8443`, `${PUBLIC_NAME}.evil:443`, `not.${PUBLIC_NAME}:443`]) {
      name.asked.length = 0
      const controller = new AbortController()
      // What cannot be reached would be tried again for a while.
      name.onAsked = () => controller.abort()
      await scene.run({ ...inputsFor(scene, other.replace(':443', '')), ...insecure }, { controller })
      assert.deepEqual(new Set(name.asked), new Set([`CONNECT ${other}`]))
    }
  })

  test('what Node’s own variable would switch off stays on', async () => {
    await using scene = await secureScene()
    await using _ = await PublicName.start(scene.source.host, { isTrusted: false })
    const { HTTPS_PROXY = '' } = process.env
    const words = ['verify', '--images', inputsFor(scene).images, '--public-key', 'cosign.pub']
    for (const environment of [{ HTTPS_PROXY, NODE_TLS_REJECT_UNAUTHORIZED: '0' }, { HTTPS_PROXY }]) {
      const { exitCode, stderr } = await runTerminal(words, { folder: scene.folder, environment })
      assert.equal(exitCode, 4, stderr)
    }
    assert.deepEqual(scene.source.requests, [])
    const authorities = await scene.write('ca.pem', PUBLIC_CERTIFICATE.cert)
    const environment = { HTTPS_PROXY, NODE_EXTRA_CA_CERTS: authorities }
    assert.equal((await runTerminal(words, { folder: scene.folder, environment })).exitCode, 0)
  })

  test('there is no flag for it either', async () => {
    await using scene = await secureScene()
    const flags = ['--tls-verify=false', '--insecure', '--insecure-skip-tls-verify', '--no-verify']
    const { exitCode, stderr } = await runTerminal(['promote', ...flags], scene)
    assert.equal(exitCode, 3)
    for (const flag of flags)
      assert.ok(stderr.includes(`There is no flag ${flag.replace('=false', '')}`), flag)
  })
})
