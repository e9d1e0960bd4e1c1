import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { buildImage } from '../builders/build-image.ts'
import { encryptCosignKey } from '../builders/encrypt-cosign-key.ts'
import { type PromotionScene, SOURCE_PATH } from '../builders/promotion-scene.ts'
import { writeScript } from '../builders/script.ts'
import { answer } from '../fakes/registry-exchange.ts'
import type { RegistryServer } from '../fakes/registry-server.ts'
import { findSecrets, type PlantedSecret } from './find-secrets.ts'
import { runAction, runTerminal } from './run-program.ts'
import { guarded, logins, PASSWORD, secureScene } from './secure-scene.ts'
import { textsIn, textsOfRun } from './texts-of-run.ts'

const ALWAYS = Number.POSITIVE_INFINITY
const KEY_PASSWORD = 'k\u00eay "password" <of the> suite'
/** What the tests themselves write into the folder of a scene. */
const GIVEN = ['cosign.key', 'runAction.mjs', 'runCli.mjs', 'config.json', 'cosign']

/** A scene with Basic auth at the source and tokens at the target, an image to sign, and its key under a password. */
async function guardedScene(): Promise<PromotionScene> {
  const scene = await secureScene({ auth: guarded('basic'), redirectBlobs: true }, [
    { auth: guarded('bearer') },
  ])
  const image = buildImage({ seed: 'to be signed' })
  image.putInto(scene.source.store, SOURCE_PATH)
  await scene.list({ image: scene.reference(image.digest) })
  await scene.write('cosign.key', encryptCosignKey(scene.keys.privateKey, KEY_PASSWORD))
  return scene
}

function inputsOf({ source, target }: PromotionScene): Readonly<Record<string, string>> {
  return {
    lock: 'images.yml',
    to: `${target.host}/prod/app`,
    tags: 'v1',
    sign: 'key',
    key: 'cosign.key',
    report: 'report.json',
    'lock-output': 'out.yml',
    registries: logins(source.host, target.host),
    'key-password': KEY_PASSWORD,
  }
}

/** All secrets of a scene: what it was given, and every token and header that was made of it. */
function secretsOf({ keys, source, targets }: PromotionScene): readonly PlantedSecret[] {
  const shown = [source, ...targets].flatMap(({ requests }) =>
    requests.flatMap(({ headers }) => headers.authorization?.split(' ')[1] ?? []),
  )
  return [
    { name: 'the registry’s password', value: PASSWORD },
    { name: 'the key’s password', value: KEY_PASSWORD },
    { name: 'the key', value: keys.privatePem },
    ...[...new Set(shown)].map((value, index) => ({ name: `authorization ${index}`, value })),
  ]
}

/** What the runner reads as commands to hide something is not shown by it. */
function withoutMasks(stdout: string): string {
  return stdout.replace(/^::add-mask::.*$/gm, '')
}

/** Answers every request with credentials by all that they are, in all encodings, as the error of an API, of a proxy, or in headers. */
function echoCredentials(registry: RegistryServer, as: 'JSON' | 'HTML' | 'redirect', times = ALWAYS): void {
  registry.fault(
    ({ headers }) => headers.authorization !== undefined,
    times,
    ({ headers }) => {
      const header = headers.authorization ?? ''
      const sent = header.split(' ')[1] ?? ''
      const clear = header.startsWith('Basic') ? Buffer.from(sent, 'base64').toString() : sent
      const password = clear.slice(clear.indexOf(':') + 1)
      const words = [header, clear, password].flatMap(encodingsOf)
      if (as === 'redirect')
        return answer(307, { location: `/echo/${encodeURIComponent(clear)}?${encodeURIComponent(header)}` })
      if (as === 'HTML') return answer(403, {}, words.join('\n<br>'))
      const errors = words.map((message) => ({ code: 'DENIED', message }))
      return answer(403, {}, JSON.stringify({ errors }))
    },
  )
}

function encodingsOf(text: string): readonly string[] {
  const bytes = Buffer.from(text)
  const html = text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;')
  return [
    text,
    bytes.toString('base64'),
    bytes.toString('base64url'),
    bytes.toString('hex'),
    encodeURIComponent(text),
    JSON.stringify(text),
    html.replace(/"/g, '&quot;'),
    html.replace(/"/g, '&#34;'),
  ]
}

describe('no secret is anywhere that a run leaves something', () => {
  test('when the action signs and promotes', async () => {
    await using scene = await guardedScene()
    const { folder } = scene
    const { exitCode, stdout, stderr, outputs, summary } = await runAction(inputsOf(scene), { folder })
    assert.equal(exitCode, 0)
    const texts = {
      stdout: withoutMasks(stdout),
      stderr,
      outputs,
      summary,
      ...(await textsIn(folder, GIVEN)),
    }
    assert.deepEqual(
      ['report.json', 'out.yml'].filter((name) => !Object.hasOwn(texts, name)),
      [],
    )
    const secrets = secretsOf(scene)
    assert.ok(secrets.length >= 5)
    assert.deepEqual(findSecrets(texts, secrets), [])
    // Without the masks taken away, they would be found.
    assert.notEqual(findSecrets({ stdout }, secrets).length, 0)
  })

  for (const as of ['JSON', 'HTML', 'redirect'] as const) {
    test(`when registries repeat what they were sent as ${as}, to the action and in a terminal`, async () => {
      await using scene = await guardedScene()
      const { folder } = scene
      const { registries = '', 'key-password': password = '', ...flags } = inputsOf(scene)
      const environment = { SIGNED_PROMOTE_REGISTRIES: registries, SIGNED_PROMOTE_KEY_PASSWORD: password }
      const words = Object.entries(flags).map(([name, value]) => `--${name}=${value}`)
      echoCredentials(scene.source, as)
      const action = await runAction(inputsOf(scene), { folder })
      const texts = {
        'stdout of the action': withoutMasks(action.stdout),
        'stderr of the action': action.stderr,
        outputs: action.outputs,
        summary: action.summary,
        ...(await textsIn(folder, GIVEN)),
      }
      scene.source.clearFaults()
      echoCredentials(scene.target, as)
      const terminal = await runTerminal(['promote', ...words, '--json'], { folder, environment })
      assert.deepEqual([action.exitCode, terminal.exitCode], [4, 4])
      const more = {
        'stdout of the terminal': terminal.stdout,
        'stderr of the terminal': terminal.stderr,
        ...(await textsIn(folder, GIVEN)),
      }
      for (const all of [texts, more]) assert.deepEqual(findSecrets(all, secretsOf(scene)), [])
    })
  }

  test('when it fails at any one request with credentials', async () => {
    await using scene = await guardedScene()
    const texts: Record<string, string> = {}
    await scene.write('plain.key', scene.keys.privatePem)
    const own = {
      key: scene.path('plain.key'),
      'key-password': '',
      report: '',
      'lock-output': '',
      'public-key': '',
    }
    for (const number of [0, 1, 2, 3, 5, 8, 13, 21]) {
      for (const registry of [scene.source, scene.target]) {
        registry.fault(
          ({ headers }) => headers.authorization !== undefined,
          number,
          (_, proceed) => proceed(),
        )
        echoCredentials(registry, number % 2 === 0 ? 'JSON' : 'HTML', 1)
        const run = await scene.run({ ...inputsOf(scene), ...own, tags: `v${number}` })
        Object.assign(texts, textsOfRun(run, `run ${number} of ${registry.host}`))
        registry.clearFaults()
      }
    }
    assert.deepEqual(findSecrets(texts, secretsOf(scene)), [])
  })

  test('when the inputs are wrong and hold secrets where none belong', async () => {
    await using scene = await guardedScene()
    const login = `bob:${encodeURIComponent(PASSWORD)}`
    const wrong: readonly Readonly<Record<string, string>>[] = [
      { registries: `no/host bob ${PASSWORD}` },
      { registries: `bob ${PASSWORD}` },
      { registries: `${scene.source.host} b:ob ${PASSWORD}\n${scene.source.host} bob ${PASSWORD}` },
      { to: `${login}@${scene.target.host}/a` },
      { to: `https://${login}@${scene.target.host}/a` },
      { images: `${login}@${scene.source.host}/a:v1` },
      { images: `https://${login}@${scene.source.host}/a:v1` },
      { 'insecure-registries': `${login}@${scene.source.host}` },
      { key: scene.keys.privatePem },
      { 'public-key': scene.keys.privatePem },
      { 'public-key': scene.path('plain.key') },
      { 'public-key': 'env://THE_KEY' },
      { key: 'env://BROKEN_KEY' },
      { 'key-password': `${KEY_PASSWORD}!` },
    ]
    await scene.write('plain.key', scene.keys.privatePem)
    const environment = { THE_KEY: scene.keys.privatePem, BROKEN_KEY: scene.keys.privatePem.slice(0, -40) }
    for (const [number, change] of wrong.entries()) {
      const run = await scene.run(
        { ...inputsOf(scene), report: '', 'lock-output': '', key: scene.path('cosign.key'), ...change },
        { environment },
      )
      assert.equal(run.exitCode, 3, `inputs ${number}`)
      const texts = textsOfRun(run, `inputs ${number}`)
      const planted = { name: 'the login', value: encodeURIComponent(PASSWORD) }
      assert.deepEqual(findSecrets(texts, [...secretsOf(scene), planted]), [])
    }
  })

  test('when cosign says all that it knows', async () => {
    await using scene = await guardedScene()
    const script = `if [ "$1" = version ]; then echo '{"gitVersion": "v3.1.3"}'; exit; fi
{ echo "$COSIGN_PASSWORD"; printf %s "$COSIGN_PASSWORD" | /usr/bin/base64; /bin/cat "$DOCKER_CONFIG/config.json"; } >&2
for i in 1 2 3 4; do echo "$SIGNED_PROMOTE_KEY"; done >&2
if [ "$1" = sign ]; then echo "wrong: $COSIGN_PASSWORD, $SIGNED_PROMOTE_KEY" >&2; exit 1; fi`
    const path = await writeScript(scene.folder, script)
    const key = encryptCosignKey(scene.keys.privateKey, KEY_PASSWORD)
    for (const lines of [script, script.replace(/^for.*$/m, '')]) {
      await writeScript(scene.folder, lines)
      const inputs = {
        ...inputsOf(scene),
        signer: 'cosign',
        'cosign-path': path,
        key: 'env://THE_KEY',
        'public-key': '',
      }
      const run = await scene.run(
        { ...inputs, report: '', 'lock-output': '' },
        { environment: { THE_KEY: key } },
      )
      assert.equal(run.exitCode, 6)
      assert.match(run.result.errors[0]?.message ?? '', /cosign sign ended with exit code 1: /)
      const secrets = [...secretsOf(scene), { name: 'the encrypted key', value: key }]
      assert.deepEqual(findSecrets(textsOfRun(run), secrets), [])
    }
  })
})
