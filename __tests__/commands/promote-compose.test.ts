import assert from 'node:assert/strict'
import { mkdirSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { buildImage } from '../builders/build-image.ts'
import { buildKeys } from '../builders/build-keys.ts'
import { PromotionScene, SOURCE_PATH, writesTo } from '../builders/promotion-scene.ts'

const TRUSTED = ['x-nerdctl-verify: cosign', 'x-nerdctl-cosign-public-key: cosign.pub']
const SIGNED = ['x-nerdctl-sign: cosign', 'x-nerdctl-cosign-private-key: cosign.key']
const UNSIGNED = ['x-nerdctl-sign: none']
const OPEN = ['x-nerdctl-verify: none']

/** A scene with the signed sample and two images that nobody has signed. */
class ComposeScene {
  readonly scene: PromotionScene
  readonly images = ['web', 'tool'].map((seed) => buildImage({ seed }))

  constructor(scene: PromotionScene) {
    this.scene = scene
    for (const image of this.images) image.putInto(scene.source.store, SOURCE_PATH)
  }

  /** A compose file whose services are the signed sample, and the others in their order, each with these fields. */
  async compose(...services: readonly (readonly string[])[]): Promise<void> {
    const digests = [this.scene.sample.image.digest, ...this.images.map(({ digest }) => digest)]
    const text = services.flatMap((fields, index) => [
      `  s${index}:`,
      `    image: ${this.scene.reference(digests[index])}`,
      ...fields.map((field) => `    ${field}`),
    ])
    await this.scene.write('compose.yml', ['services:', ...text, ''].join('\n'))
  }

  run(inputs: Readonly<Record<string, string>> = {}) {
    return this.scene.run({ lock: '', 'public-key': '', tags: '', compose: 'compose.yml', ...inputs })
  }
}

test('each service is signed and verified as it says, and its image is pinned at the target', async () => {
  await using scene = await PromotionScene.start()
  const services = new ComposeScene(scene)
  await services.compose(TRUSTED, SIGNED, OPEN)
  const lock = scene.path('out.yml')
  const { exitCode, result } = await services.run({ 'lock-output': lock })
  assert.deepEqual([exitCode, result.errors], [0, []])
  assert.deepEqual(
    result.images.map(({ signed, signatures }) => [
      signed,
      signatures.filter(({ counts }) => counts).length > 0,
    ]),
    [
      [[], true],
      [['bundle', 'tag'], true],
      [[], false],
    ],
  )
  assert.equal(result.totals.verified, 2)
  assert.match(
    result.warnings.join('\n'),
    /^".*" is not verified: its list says that nobody need have signed it$/m,
  )
  const text = await readFile(lock, 'utf8')
  for (const { digest } of [scene.sample.image, ...services.images]) {
    assert.ok(text.includes(`${scene.target.host}/prod/app@${digest}`), text)
  }
  assert.equal((await services.run()).result.totals.copied, 0)
})

test('one service that is not signed by whom it says promotes nothing', async () => {
  await using scene = await PromotionScene.start()
  const services = new ComposeScene(scene)
  await scene.write('other.pub', buildKeys().publicPem)
  await services.compose(TRUSTED, SIGNED, [
    'x-nerdctl-verify: cosign',
    'x-nerdctl-cosign-public-key: other.pub',
  ])
  const { exitCode, result } = await services.run()
  assert.deepEqual([exitCode, result.errors.map(({ kind }) => kind)], [5, ['verification']])
  assert.equal(result.errors[0]?.location?.line, 11)
  assert.deepEqual([writesTo(scene.source), writesTo(scene.target)], [[], []])
})

test('what a service demands of an image holds also where another list names the image', async () => {
  await using scene = await PromotionScene.start()
  const services = new ComposeScene(scene)
  await scene.write('other.pub', buildKeys().publicPem)
  await services.compose(['x-nerdctl-verify: cosign', 'x-nerdctl-cosign-public-key: other.pub'])
  for (const lock of ['', 'images.yml']) {
    const { exitCode, result } = await services.run({ lock, verify: 'none' })
    assert.deepEqual([exitCode, result.errors.map(({ kind }) => kind)], [5, ['verification']])
  }
  assert.deepEqual(writesTo(scene.target), [])
})

test('a service of which nothing says who must have signed is refused, unless the inputs say it', async () => {
  await using scene = await PromotionScene.start()
  const services = new ComposeScene(scene)
  await services.compose([])
  const { exitCode, result } = await services.run()
  assert.equal(exitCode, 3)
  assert.match(result.errors[0]?.message ?? '', /^Nothing says who must have signed "/)
  assert.equal((await services.run({ 'public-key': scene.path('cosign.pub') })).exitCode, 0)
})

test('the command sign signs what the services say, and nothing else', async () => {
  await using scene = await PromotionScene.start()
  const services = new ComposeScene(scene)
  await services.compose(TRUSTED, SIGNED, OPEN)
  const sign = { command: 'sign', to: '' }
  const { exitCode, result } = await services.run(sign)
  assert.deepEqual([exitCode, result.images.map(({ signed }) => signed)], [0, [[], ['bundle', 'tag'], []]])
  assert.deepEqual([result.totals.signed, result.totals.notToSign], [1, 2])
  await services.compose(TRUSTED)
  const nothing = await services.run(sign)
  assert.equal(nothing.exitCode, 3)
  assert.match(nothing.result.errors[0]?.message ?? '', /^There is nothing to sign/)
})

test('of each image that is not signed it is said why', async () => {
  await using scene = await PromotionScene.start()
  const services = new ComposeScene(scene)
  await services.compose(UNSIGNED, SIGNED, [])
  const [waived, , silent] = [scene.sample.image, ...services.images].map(({ digest }) =>
    scene.reference(digest),
  )
  const { reporter, result } = await services.run({ command: 'sign', to: '' })
  assert.ok(reporter.infos.includes(`"${waived}" is not signed: its list says none`))
  assert.deepEqual(result.warnings, [
    `"${silent}" is not signed: neither its list nor the inputs say by whom`,
  ])
  await services.compose(UNSIGNED, UNSIGNED)
  const { result: idle } = await scene.runInPlace('sign', { lock: '', compose: 'compose.yml' })
  assert.deepEqual(
    idle.errors.map(({ message, hint }) => [message, hint?.includes('`key`')]),
    [['There is nothing to sign: the list says of every image that nobody signs it', false]],
  )
})

test('a service that goes keyless beside a key that is given is told', async () => {
  await using scene = await PromotionScene.start()
  const services = new ComposeScene(scene)
  await services.compose(['x-nerdctl-sign: cosign'])
  const { result } = await scene.runInPlace('sign', { lock: '', compose: 'compose.yml' })
  assert.match(result.warnings.join('\n'), /" is signed keyless, whatever `key` says: its service says/)
  assert.deepEqual(writesTo(scene.source), [])
})

test('a compose file that comes out in another folder is told where its keys are', async () => {
  await using scene = await PromotionScene.start()
  const services = new ComposeScene(scene)
  await services.compose(TRUSTED)
  mkdirSync(scene.path('prod'))
  for (const [name, warned] of [
    ['out.yml', false],
    ['prod/out.yml', true],
  ] as const) {
    const { result } = await services.run({ 'lock-output': scene.path(name) })
    assert.equal(
      result.warnings.some((warning) =>
        warning.includes(`relative paths of keys, which start at ${scene.folder}:`),
      ),
      warned,
    )
  }
})

test('what the inputs say of every image is neither waived nor said anew by a service', async () => {
  await using scene = await PromotionScene.start()
  const services = new ComposeScene(scene)
  const policy =
    "version: 1\nsigners: { ci: { public-key: cosign.pub } }\nrules: [{ repository: '**', signed-by: ci }]\n"
  await scene.write('policy.yml', policy)
  for (const fields of [OPEN, TRUSTED]) {
    await services.compose(fields)
    for (const inputs of [{ policy: scene.path('policy.yml') }, { 'public-key': scene.path('cosign.pub') }]) {
      const { exitCode, result } = await services.run(inputs)
      assert.equal(exitCode, 3)
      assert.match(
        result.errors[0]?.message ?? '',
        /who must have signed it, and so do the inputs for every image$/,
      )
    }
  }
  assert.deepEqual(writesTo(scene.target), [])
})

test('a service names no module for cosign to load', async () => {
  await using scene = await PromotionScene.start()
  const services = new ComposeScene(scene)
  const key = 'x-nerdctl-cosign-public-key: "pkcs11:token=x?module-path=/workspace/evil.so"'
  await services.compose(['x-nerdctl-verify: cosign', key])
  const { exitCode, result } = await services.run()
  assert.equal(exitCode, 3)
  assert.match(result.errors[0]?.message ?? '', /names a module to load$/)
})
