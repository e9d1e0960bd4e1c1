import assert from 'node:assert/strict'
import { chmod, mkdir, readdir } from 'node:fs/promises'
import { describe, test } from 'node:test'
import { buildImage } from '../builders/build-image.ts'
import { encryptCosignKey } from '../builders/encrypt-cosign-key.ts'
import { type PromotionScene, SOURCE_PATH, writesTo } from '../builders/promotion-scene.ts'
import { startReleaseServer } from '../fakes/release-server.ts'
import { PublicName } from './public-name.ts'
import { cosignCalls, writeRecordingCosign } from './recording-cosign.ts'
import { runAction, runTerminal } from './run-program.ts'
import { secureScene } from './secure-scene.ts'

const IMAGE = buildImage({ seed: 'to be signed' })
const IN_PLACE = { command: 'sign', to: '', tags: '', 'public-key': '', signer: 'cosign' }

/** A scene that lists an image that nobody has signed, and its key in cosign's form with an empty password. */
async function unsigned(): Promise<PromotionScene> {
  const scene = await secureScene()
  IMAGE.putInto(scene.source.store, SOURCE_PATH)
  await scene.list({ image: scene.reference(IMAGE.digest) })
  await scene.write('cosign.key', encryptCosignKey(scene.keys.privateKey, ''))
  return scene
}

describe('19. The job’s variables do not change what cosign does', () => {
  test('of all of them a list is passed on, COSIGN_REPOSITORY and its like never', async () => {
    await using scene = await unsigned()
    const bin = await writeRecordingCosign(scene.folder)
    const hostile = {
      COSIGN_REPOSITORY: 'evil.example/elsewhere',
      COSIGN_EXPERIMENTAL: '1',
      COSIGN_DOCKER_MEDIA_TYPES: '1',
      COSIGN_PKCS11_MODULE_PATH: '/evil.so',
      COSIGN_PASSWORD: 'of the job',
      REKOR_URL: 'https://evil.example',
      SIGSTORE_ROOT_FILE: '/evil.json',
      SIGSTORE_REKOR_PUBLIC_KEY: '/evil.pub',
      TUF_ROOT: '/evil',
      LD_PRELOAD: '',
      GODEBUG: 'x509ignoreCN=0',
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'the token of the job',
      GITHUB_TOKEN: 'the token of the job',
      SIGNED_PROMOTE_REGISTRIES: 'a b c',
      'INPUT_KEY-PASSWORD': 'of the job',
    }
    const environment = { ...hostile, PATH: bin, HOME: scene.folder }
    const key = scene.path('cosign.key')
    const { exitCode, result } = await scene.run({ ...IN_PLACE, key, 'key-password': 'x' }, { environment })
    // The key has an empty password: what is wrong is told, and COSIGN_PASSWORD of the job is not tried instead.
    assert.deepEqual([exitCode, result.errors[0]?.kind], [3, 'input'])
    const { COSIGN_PASSWORD: _, ...others } = environment
    assert.equal((await scene.run({ ...IN_PLACE, key }, { environment: others })).exitCode, 0)
    const calls = await cosignCalls(scene.folder)
    const variables = calls.flatMap(
      ({ environment: text }) => text.match(/^[A-Za-z_][A-Za-z0-9_-]*(?==)/gm) ?? [],
    )
    const added = ['PWD', 'OLDPWD', 'SHLVL', '_']
    const passed = new Set(variables.filter((name) => !added.includes(name)))
    assert.deepEqual([...passed].toSorted(), ['COSIGN_PASSWORD', 'HOME', 'PATH'])
    const values = calls.map(({ environment: text }) => text).join('\n')
    assert.doesNotMatch(values, /evil|of the job/)
    assert.match(values, /^COSIGN_PASSWORD=$/m)
  })
})

describe('20. cosign is the one that is given, a cosign 3 on the PATH, or a release with the right checksum', () => {
  for (const [what, inputs, path, why] of [
    ['is neither on the PATH nor at the mirror', {}, '/nowhere', /cannot be downloaded: .* answered 404/],
    [
      'is not at the path given, though one is on the PATH',
      { 'cosign-path': 'no/such' },
      'bin',
      /is not a program that can be run/,
    ],
    ['on the PATH is of another version', {}, 'old', /cannot be downloaded: .* answered 404/],
  ] as const) {
    test(`a run whose cosign ${what} ends before anything is asked`, async () => {
      await using scene = await unsigned()
      await using name = await PublicName.start(scene.source.host)
      await using mirror = await startReleaseServer()
      const bin = await writeRecordingCosign(scene.folder)
      await scene.write('cosign', '#!/bin/sh\n')
      const before = await readdir(scene.folder, { recursive: true })
      const key = scene.path('cosign.key')
      const PATH = path === 'bin' ? bin : path === 'old' ? await oldCosign(scene) : path
      const { exitCode, result } = await scene.run(
        { ...IN_PLACE, key, ...(path === 'bin' ? {} : { 'cosign-mirror': mirror.url }), ...inputs },
        { environment: { PATH } },
      )
      assert.equal(exitCode, 3)
      assert.match(result.errors[0]?.message ?? '', why)
      assert.deepEqual(scene.source.requests, [])
      assert.deepEqual(name.asked, [])
      assert.deepEqual(await cosignCalls(scene.folder), [])
      const after = await readdir(scene.folder, { recursive: true })
      assert.deepEqual(
        after.filter((file) => !before.includes(file) && !file.startsWith('old')),
        [],
      )
    })
  }

  test('one that lies in the workspace, which an empty entry of the PATH means, is not run', async () => {
    await using scene = await unsigned()
    const script = await scene.write('cosign', `#!/bin/sh\necho >"${scene.path('it was run')}"\n`)
    await chmod(script, 0o755)
    await using mirror = await startReleaseServer()
    const words = ['sign', '--lock', 'images.yml', '--key', 'cosign.key', '--signer', 'cosign']
    words.push('--cosign-mirror', mirror.url)
    const { exitCode, stderr } = await runTerminal(words, {
      folder: scene.folder,
      environment: { PATH: ':/nowhere:' },
    })
    assert.equal(exitCode, 3)
    assert.match(stderr, /cannot be downloaded: .* answered 404/)
    assert.ok(!(await readdir(scene.folder)).includes('it was run'))
  })
})

/** A folder with a program that says it is cosign 2. */
async function oldCosign(scene: PromotionScene): Promise<string> {
  await mkdir(scene.path('old'))
  await chmod(await scene.write('old/cosign', `#!/bin/sh\necho '{"gitVersion": "v2.4.1"}'\n`), 0o755)
  return scene.path('old')
}

describe('21. A run signs only when it was told to, whatever the event offers', () => {
  const offered = {
    GITHUB_EVENT_NAME: 'pull_request_target',
    GITHUB_HEAD_REF: 'fork:evil',
    COSIGN_PASSWORD: '',
    COSIGN_KEY: 'cosign.key',
    COSIGN_PRIVATE_KEY: 'a key of the job',
  }

  test('a promotion of an unsigned image does not sign it, and asks no token of the runner', async () => {
    await using scene = await unsigned()
    const inputs = { lock: 'images.yml', to: `${scene.target.host}/a`, 'public-key': 'cosign.pub' }
    const environment = {
      ...offered,
      ACTIONS_ID_TOKEN_REQUEST_URL: `http://${scene.target.host}/id-token?`,
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'the token of the job',
    }
    const { exitCode } = await runAction(inputs, { folder: scene.folder, environment })
    assert.equal(exitCode, 5)
    assert.deepEqual([...writesTo(scene.source), ...writesTo(scene.target)], [])
    assert.ok(!scene.target.requests.some(({ path }) => path.includes('id-token')))
  })

  test('a fork, which has no secrets, cannot sign: the run ends, and nothing is promoted unsigned instead', async () => {
    await using scene = await unsigned()
    const inputs = { lock: 'images.yml', to: `${scene.target.host}/a`, sign: 'key', key: 'env://SIGNING_KEY' }
    const { exitCode, stdout } = await runAction(inputs, {
      folder: scene.folder,
      environment: { ...offered, SIGNING_KEY: '' },
    })
    assert.equal(exitCode, 3)
    assert.match(stdout, /`key` is env:\/\/SIGNING_KEY, and that variable is not set/)
    assert.deepEqual([...scene.source.requests, ...scene.target.requests], [])
  })
})
