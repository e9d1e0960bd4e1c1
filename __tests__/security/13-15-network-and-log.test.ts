import assert from 'node:assert/strict'
import diagnostics from 'node:diagnostics_channel'
import type { Socket } from 'node:net'
import { describe, test } from 'node:test'
import { OUTPUTS } from '../../src/inputs/definitions.ts'
import { secretsOf } from '../../src/inputs/secrets-of.ts'
import { buildImage } from '../builders/build-image.ts'
import { encryptCosignKey } from '../builders/encrypt-cosign-key.ts'
import { SOURCE_PATH } from '../builders/promotion-scene.ts'
import { findSecrets } from './find-secrets.ts'
import { PublicName } from './public-name.ts'
import { cosignCalls, writeRecordingCosign } from './recording-cosign.ts'
import { runAction, runTerminal } from './run-program.ts'
import { guarded, logins, PASSWORD, secureScene } from './secure-scene.ts'

const ALWAYS = Number.POSITIVE_INFINITY
const KEY_PASSWORD = 'the password, of the key'
const IMAGE = buildImage({ seed: 'to be signed' })

/** Where this process connects to while `run` runs: `host:port`, each once. */
async function connectionsDuring(run: () => Promise<unknown>): Promise<ReadonlySet<string>> {
  const places = new Set<string>()
  const seen = (message: unknown) => {
    const { socket } = message as { socket: Socket }
    let connected = false
    socket.once('connect', () => {
      connected = true
      places.add(`${socket.remoteAddress}:${socket.remotePort}`)
    })
    socket.once('close', () => {
      if (!connected) places.add('somewhere in vain')
    })
  }
  diagnostics.subscribe('net.client.socket', seen)
  try {
    await run()
  } finally {
    diagnostics.unsubscribe('net.client.socket', seen)
  }
  return places
}

describe('13. Trust comes from the key that was given: a run reaches no host but the registries (there is no TUF root yet)', () => {
  test('to sign, to verify and to promote, in both forms', async () => {
    await using scene = await secureScene()
    await using name = await PublicName.start(scene.source.host)
    IMAGE.putInto(scene.source.store, SOURCE_PATH)
    await scene.list({ image: scene.reference(IMAGE.digest) })
    const places = await connectionsDuring(async () => {
      assert.equal((await scene.runInPlace('sign')).exitCode, 0)
      assert.equal((await scene.runInPlace('verify')).exitCode, 0)
      assert.equal((await scene.run()).exitCode, 0)
    })
    assert.deepEqual([...places].toSorted(), [scene.source.host, scene.target.host].toSorted())
    assert.deepEqual(name.asked, [])
  })

  test('and the watch sees a connection to somewhere else', async () => {
    await using scene = await secureScene()
    const places = await connectionsDuring(() => fetch(`http://${scene.source.hostElsewhere}/`))
    assert.deepEqual([...places], [scene.source.hostElsewhere])
  })
})

const INJECTIONS = [
  '\n::set-env name=PATH::/evil',
  '\r\n::stop-commands::token',
  '\r::add-mask::e',
  '\u2028::error::forged',
  '\u0085::warning::forged',
  ' ##[command]evil',
  '%0A::notice::forged',
  '\u001b[2J\u001b[1;1H::debug::forged',
]

describe('14. Text from a registry is no workflow command', () => {
  test('in errors, warnings, annotations, outputs and the summary of the action', async () => {
    await using scene = await secureScene()
    const message = `denied${INJECTIONS.join(' denied')}`
    const body = JSON.stringify({ errors: [{ code: `DENIED${INJECTIONS[0]}`, message }] })
    scene.source.fault(({ path }) => path.includes('/manifests/'), ALWAYS, { status: 403, body })
    const inputs = { lock: 'images.yml', to: `${scene.target.host}/a`, verify: 'none', report: 'report.json' }
    const { exitCode, stdout, outputs } = await runAction(inputs, { folder: scene.folder })
    assert.equal(exitCode, 4)
    const commands = stdout.split(/[\r\n]+/).filter((line) => /^\s*::|##\[/.test(line))
    for (const line of commands) assert.match(line, /^::(?:group|endgroup|error|warning)(?: |::)/)
    const errors = commands.filter((line) => line.startsWith('::error'))
    assert.equal(errors.length, 1)
    assert.match(errors[0] ?? '', /^::error file=images\.yml,line=4,col=\d+::.*forged/)
    assert.doesNotMatch(stdout, /(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u)
    assert.doesNotMatch(stdout, /^\s*::(?:set-env|stop-commands|add-mask|debug|notice)/m)
    assert.match(outputs, /^copied<<(ghadelimiter_\S+)\r?\n0\r?\n\1$/m)
  })

  test('nor is the name of a file that a pattern found, be it an annotation or a line of the log', async () => {
    await using scene = await secureScene()
    // Ten errors of a step become annotations, the others lines of the log.
    for (let number = 10; number < 22; number += 1)
      await scene.write(`${number}\n::set-env name=PATH::evil\n::stop-commands::x\n.yaml`, '')
    const inputs = { lock: '*.yaml', to: `${scene.target.host}/a`, verify: 'none' }
    const { exitCode, stdout } = await runAction(inputs, { folder: scene.folder })
    assert.equal(exitCode, 3)
    assert.match(stdout, /21 +::set-env name=PATH::evil/)
    assert.doesNotMatch(stdout, /^\s*::(?:set-env|stop-commands)/m)
  })

  test('in what a lock says of an image, where it becomes an output', async () => {
    await using scene = await secureScene()
    await scene.list({ image: scene.reference(), annotations: { note: INJECTIONS.slice(0, 3).join('') } })
    const inputs = {
      lock: 'images.yml',
      to: `${scene.target.host}/a`,
      'public-key': 'cosign.pub',
      'lock-output': 'out.yml',
    }
    const { exitCode, stdout, outputs } = await runAction(inputs, { folder: scene.folder })
    assert.equal(exitCode, 0)
    assert.doesNotMatch(stdout, /^\s*::(?:set-env|stop-commands|add-mask)/m)
    const names = [...outputs.matchAll(/^(\S+)<<ghadelimiter_/gm)].map(([, name]) => name)
    assert.equal(names.length, OUTPUTS.length)
    assert.doesNotMatch(outputs, /^::/m)
  })
})

describe('15. Secrets are in no argument, and the runner is told all their forms', () => {
  test('cosign gets them in its environment, and logins in a docker config that nobody else can read', async () => {
    await using scene = await secureScene({ auth: guarded('basic') })
    IMAGE.putInto(scene.source.store, SOURCE_PATH)
    await scene.list({ image: scene.reference(IMAGE.digest) })
    const key = encryptCosignKey(scene.keys.privateKey, KEY_PASSWORD)
    const bin = await writeRecordingCosign(scene.folder)
    const inputs = {
      command: 'sign',
      to: '',
      tags: '',
      'public-key': '',
      signer: 'cosign',
      key: 'env://THE_KEY',
      'key-password': KEY_PASSWORD,
      registries: logins(scene.source.host),
    }
    const environment = { PATH: bin, THE_KEY: key }
    const { exitCode, result } = await scene.run(inputs, { environment })
    assert.deepEqual([exitCode, result.errors], [0, []])
    const calls = await cosignCalls(scene.folder)
    const secrets = [
      { name: 'the key’s password', value: KEY_PASSWORD },
      { name: 'the registry’s password', value: PASSWORD },
      { name: 'the key', value: key },
    ]
    const shown = (field: 'argv' | 'environment' | 'dockerConfig') =>
      calls.map((call) => call[field]).join('\n')
    assert.deepEqual(findSecrets({ argv: shown('argv') }, secrets), [])
    assert.match(shown('argv'), /^sign$/m)
    const inEnvironment = findSecrets({ environment: shown('environment') }, secrets).join('\n')
    assert.match(inEnvironment, /the key’s password/)
    assert.match(inEnvironment, /the key, /)
    assert.doesNotMatch(inEnvironment, /the registry’s password/)
    assert.match(
      findSecrets({ config: shown('dockerConfig') }, secrets).join('\n'),
      /the registry’s password/,
    )
    assert.deepEqual(
      calls.filter(({ argv }) => /^sign$/m.test(argv)).map(({ dockerConfig }) => dockerConfig.split('\n')[0]),
      ['700', '700'],
    )
  })

  for (const flag of ['--registries', '--key-password']) {
    test(`the program takes none itself: ${flag} is refused and its value not repeated`, async () => {
      await using scene = await secureScene()
      for (const words of [[flag, KEY_PASSWORD], [`${flag}=${KEY_PASSWORD}`]]) {
        const run = await runTerminal(['promote', ...words, '--json'], scene)
        assert.equal(run.exitCode, 3)
        assert.match(run.stderr, /is not taken as a flag/)
        const texts = { stdout: run.stdout, stderr: run.stderr }
        assert.deepEqual(findSecrets(texts, [{ name: 'the value', value: KEY_PASSWORD }]), [])
      }
    })
  }

  test('before anything else the action masks each secret, its base64, and that of user:password', async () => {
    await using scene = await secureScene({ auth: guarded('basic') })
    const inputs = {
      lock: 'images.yml',
      to: `${scene.target.host}/a`,
      'public-key': 'cosign.pub',
      registries: logins(scene.source.host),
      'key-password': KEY_PASSWORD,
    }
    const { exitCode, stdout } = await runAction(inputs, { folder: scene.folder })
    assert.equal(exitCode, 0)
    const lines = stdout.split('\n')
    const masked = lines
      .filter((line) => line.startsWith('::add-mask::'))
      .map((line) => line.slice('::add-mask::'.length))
    const wanted = [PASSWORD, KEY_PASSWORD, base64(PASSWORD), base64(`bob:${PASSWORD}`)]
    for (const one of wanted) assert.ok(masked.includes(one), `${one} is not masked`)
    assert.ok(
      lines.findLastIndex((line) => line.startsWith('::add-mask::')) <
        lines.findIndex((line) => line.startsWith('::group')),
    )
    assert.deepEqual(new Set(masked), new Set(secretsOf(new Map(Object.entries(inputs)))))
  })
})

function base64(text: string): string {
  return Buffer.from(text).toString('base64')
}
