import assert from 'node:assert/strict'
import { test } from 'node:test'
import { InputReader } from '../../src/inputs/input-reader.ts'
import { parseSigning } from '../../src/inputs/parse-signing.ts'
import type { Command, KeySigningSettings, SigningSettings } from '../../src/inputs/settings.ts'
import { problemsOf } from '../builders/problems-of.ts'

type Values = Readonly<Record<string, string>>

function parse(inputs: Values, command: Command = 'promote', environment: Values = {}): SigningSettings {
  const reader = new InputReader(new Map(Object.entries(inputs)))
  const signing = parseSigning(reader, command, environment)
  reader.throwIfAny()
  return signing
}

function parseKey(inputs: Values, command?: Command, environment?: Values): KeySigningSettings {
  const signing = parse(inputs, command, environment)
  assert.ok(signing.by === 'key')
  return signing
}

async function refusal(inputs: Values): Promise<readonly string[]> {
  const problems = await problemsOf(() => parse(inputs))
  return problems.map(({ message, hint }) => `${message}. ${hint}`)
}

test('signs with a key and its defaults', () => {
  const { password, ...others } = parseKey({ sign: 'key', key: 'cosign.key' })
  assert.deepEqual(others, {
    by: 'key',
    key: { path: 'cosign.key' },
    annotations: {},
    format: 'both',
    signer: 'native',
    cosignPath: undefined,
  })
  assert.equal(password.reveal(), '')
})

test('reads all that says how to sign', () => {
  const inputs = {
    sign: 'key',
    key: 'cosign.key',
    annotations: 'a=1\nb=x=y',
    'signature-format': 'tag',
    signer: 'cosign',
    'cosign-path': '/opt/cosign',
  }
  const { annotations, format, signer } = parseKey(inputs)
  assert.deepEqual(
    { annotations, format, signer },
    {
      annotations: { a: '1', b: 'x=y' },
      format: 'tag',
      signer: 'cosign',
    },
  )
})

test('takes the password from the input, else from COSIGN_PASSWORD, blanks and all', () => {
  const key = { sign: 'key', key: 'cosign.key' }
  const environment = { COSIGN_PASSWORD: ' theirs ' }
  assert.equal(
    parseKey({ ...key, 'key-password': ' ours ' }, 'promote', environment).password.reveal(),
    ' ours ',
  )
  assert.equal(parseKey(key, 'promote', environment).password.reveal(), ' theirs ')
})

test('always signs in the command sign, and never in verify', () => {
  assert.equal(parse({ key: 'cosign.key' }, 'sign').by, 'key')
  assert.equal(parse({}, 'verify').by, 'nobody')
  assert.equal(parse({}, 'plan').by, 'nobody')
})

test('refuses a key and other ways to sign while sign is "none", and says which to change', async () => {
  assert.deepEqual(await refusal({ key: 'cosign.key', annotations: 'a=1', signer: 'cosign' }), [
    '`key` is given, but `sign` is "none". Set `sign` to "key", or leave `key` out.',
    '`annotations` is given, but `sign` is "none". Set `sign` to "key", or leave `annotations` out.',
    '`signer` is given, but `sign` is "none". Set `sign` to "key", or leave `signer` out.',
  ])
})

test('refuses to sign without a key, with a bad annotation and with a binary that nothing runs, together', async () => {
  assert.deepEqual(await refusal({ sign: 'key', annotations: 'nothing', 'cosign-path': '/opt/cosign' }), [
    '`cosign-path` is given, but `signer` is "native". Set `signer` to "cosign", or leave `cosign-path` out.',
    '"nothing" in `annotations` is not key=value. Write one key=value a line, each key once and without blanks.',
    'There is no key to sign with. Set `key` to the path of a private key, or to env://NAME.',
  ])
})
