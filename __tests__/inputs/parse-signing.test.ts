import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { InputReader } from '../../src/inputs/input-reader.ts'
import { parseSigning } from '../../src/inputs/parse-signing.ts'
import type {
  Command,
  KeylessSigningSettings,
  KeySigningSettings,
  SigningSettings,
} from '../../src/inputs/settings.ts'
import { KEY_SIGNING } from '../builders/key-signing.ts'
import { problemsOf } from '../builders/problems-of.ts'

type Values = Readonly<Record<string, string>>

const { password: _, ...USUAL } = KEY_SIGNING
const TOKEN = 'e30.eyJzdWIiOiJtZSJ9.c2ln-_'

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

function parseKeyless(inputs: Values, environment?: Values): KeylessSigningSettings {
  const signing = parse({ sign: 'keyless', ...inputs }, undefined, environment)
  assert.ok(signing.by === 'keyless')
  return signing
}

async function refusal(inputs: Values, command?: Command): Promise<readonly string[]> {
  const problems = await problemsOf(() => parse(inputs, command))
  return problems.map(({ message, hint }) => `${message}. ${hint}`)
}

describe('with a key', () => {
  test('signs with its defaults', () => {
    const { password, ...others } = parseKey({ sign: 'key', key: 'cosign.key' })
    assert.deepEqual(others, USUAL)
    assert.equal(password.reveal(), '')
  })

  test('reads all that says how to sign', () => {
    const inputs = {
      sign: 'key',
      key: 'awskms:///alias/release',
      annotations: 'a=1\nb=x=y',
      'signature-format': 'tag',
      signer: 'cosign',
      transparency: 'rekor',
    }
    const { password: _, ...others } = parseKey(inputs)
    assert.deepEqual(others, {
      ...USUAL,
      key: { uri: 'awskms:///alias/release' },
      annotations: { a: '1', b: 'x=y' },
      format: 'tag',
      signer: 'cosign',
      transparency: 'rekor',
    })
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

  test('refuses a key that only cosign reaches unless cosign signs', async () => {
    assert.deepEqual(await refusal({ sign: 'key', key: 'awskms:///alias/release' }), [
      '`key` is a URI of awskms, and `signer` is "native". Set `signer` to "cosign", which reaches such keys.',
    ])
  })

  test('refuses what is for keyless signing, or for a log that it does not use', async () => {
    const key = { sign: 'key', key: 'cosign.key' }
    const inputs = { ...key, 'fulcio-url': 'https://f.example', 'rekor-url': 'https://r.example' }
    assert.deepEqual(await refusal(inputs), [
      '`fulcio-url` is given, but the run signs with a key. Sign with "keyless", or leave `fulcio-url` out.',
      '`rekor-url` is given, but no signature is entered into a log. Set `transparency` to "rekor", or leave `rekor-url` out.',
    ])
    assert.equal(
      parseKey({ ...key, 'rekor-url': 'https://r.example', transparency: 'rekor' }).transparency,
      'rekor',
    )
  })

  test('refuses to sign without a key, and with a bad annotation, together', async () => {
    assert.deepEqual(await refusal({ sign: 'key', annotations: 'nothing' }), [
      '"nothing" in `annotations` is not key=value. Write one key=value a line, each key once and without blanks.',
      'There is no key to sign with. Set `key` to the path of a private key, to env://NAME or to the URI of a KMS, or sign with "keyless".',
    ])
  })
})

describe('keyless', () => {
  test('signs as the job, into the log', () => {
    assert.deepEqual(parseKeyless({}), {
      by: 'keyless',
      signs: { images: true, promotions: false },
      annotations: {},
      format: 'both',
      signIdentity: 'source',
      recursive: false,
      signer: 'native',
      transparency: 'where possible',
      identityToken: undefined,
    })
    assert.equal(parseKeyless({ transparency: 'none' }).transparency, 'none')
  })

  test('takes a token and hides it', () => {
    const signing = parseKeyless({ 'identity-token': ` ${TOKEN}\n` })
    assert.equal(signing.identityToken?.reveal(), TOKEN)
    assert.doesNotMatch(JSON.stringify(signing), /e30/)
  })

  test('takes the token that cosign would take, unless another one is given', () => {
    const environment = { SIGSTORE_ID_TOKEN: TOKEN }
    assert.equal(parseKeyless({}, environment).identityToken?.reveal(), TOKEN)
    const given = parseKeyless({ 'identity-token': 'a.b.c' }, environment)
    assert.equal(given.identityToken?.reveal(), 'a.b.c')
    assert.equal(parseKeyless({}, { SIGSTORE_ID_TOKEN: '' }).identityToken, undefined)
  })

  test('refuses what is no token without quoting it', async () => {
    for (const token of ['secret', 'secret.secret', 'secret.a.b.c', 'secret a.b.c', 'secret.\nb.c']) {
      const problems = await refusal({ sign: 'keyless', 'identity-token': token })
      assert.equal(problems.length, 1)
      assert.match(problems[0] ?? '', /^`identity-token` is not a JSON Web Token\. /)
      assert.doesNotMatch(problems[0] ?? '', /secret/)
    }
  })

  test('refuses a key beside it', async () => {
    assert.deepEqual(await refusal({ sign: 'keyless', key: 'cosign.key' }), [
      '`key` is given, but the run signs without a key. Sign with "key", or leave `key` out.',
    ])
  })
})

describe('what is signed', () => {
  test('images always by the command sign, with a key unless it says otherwise, and nothing by verify', () => {
    assert.deepEqual(parseKey({ key: 'cosign.key' }, 'sign').signs, { images: true, promotions: false })
    assert.equal(parse({ sign: 'keyless' }, 'sign').by, 'keyless')
    assert.equal(parse({ sign: 'key', key: 'cosign.key' }, 'verify').by, 'nobody')
    assert.equal(parse({}, 'plan').by, 'nobody')
  })

  test('promotions, alone and beside images', () => {
    const key = { 'attest-promotion': 'key', key: 'cosign.key' }
    assert.deepEqual(parseKey(key).signs, { images: false, promotions: true })
    assert.deepEqual(parseKey({ ...key, sign: 'key' }).signs, { images: true, promotions: true })
    assert.deepEqual(parseKeyless({ 'attest-promotion': 'keyless' }).signs, {
      images: true,
      promotions: true,
    })
  })

  test('both by the same only', async () => {
    assert.deepEqual(await refusal({ sign: 'key', key: 'cosign.key', 'attest-promotion': 'keyless' }), [
      '`sign` is "key" and `attest-promotion` is "keyless". Set both to the same: one run signs as one.',
    ])
  })

  test('what only signatures of images have is refused where there are none', async () => {
    const inputs = { 'attest-promotion': 'keyless', annotations: 'a=1', 'signature-format': 'tag' }
    assert.deepEqual(await refusal(inputs), [
      '`annotations` is given, but `sign` is "none". Set `sign` to "keyless", or leave `annotations` out.',
      '`signature-format` is given, but `sign` is "none". Set `sign` to "keyless", or leave `signature-format` out.',
    ])
  })

  test('for the name at a target only in a format that holds a name', async () => {
    const inputs = { sign: 'key', key: 'cosign.key', 'sign-identity': 'target' }
    assert.equal(parseKey({ ...inputs, 'signature-format': 'tag' }).signIdentity, 'target')
    assert.deepEqual(await refusal({ ...inputs, 'signature-format': 'bundle' }), [
      '`sign-identity` is "target", and in the format "bundle" a signature names no repository. Set `signature-format` to "both" or "tag".',
    ])
  })

  test('all that says how to sign is refused where nothing is, with what to change', async () => {
    const inputs = {
      key: 'cosign.key',
      annotations: 'a=1',
      signer: 'cosign',
      'fulcio-url': 'https://f.example',
      'rekor-url': 'https://r.example',
      'timestamp-url': 'https://t.example',
      'signing-config': 'signing.json',
      'allow-untrusted-trigger': 'true',
    }
    assert.deepEqual(await refusal(inputs), [
      '`key` is given, but `sign` is "none". Set `sign` to "key", or leave `key` out.',
      '`fulcio-url` is given, but `sign` is "none". Set `sign` to "keyless", or leave `fulcio-url` out.',
      ...[
        'annotations',
        'signer',
        'rekor-url',
        'timestamp-url',
        'signing-config',
        'allow-untrusted-trigger',
      ].map(
        (name) =>
          `\`${name}\` is given, but \`sign\` is "none". Set \`sign\` to "key" or "keyless", or leave \`${name}\` out.`,
      ),
    ])
  })
})
