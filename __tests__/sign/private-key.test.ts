import assert from 'node:assert/strict'
import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { describe, test } from 'node:test'
import { PromotionError } from '../../src/errors.ts'
import { keyFingerprint } from '../../src/oci/signing-key.ts'
import { parsePrivateKey, requireCosignForm } from '../../src/sign/private-key.ts'
import { encryptCosignKey } from '../builders/encrypt-cosign-key.ts'
import { REAL_COSIGN_KEY, REAL_COSIGN_PUB } from '../builders/real-cosign-key.ts'

const NAME = 'keys/cosign.key'
const { privateKey: ec } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const { privateKey: rsa } = generateKeyPairSync('rsa', { modulusLength: 2048 })

function pem(key: KeyObject, type: 'pkcs8' | 'sec1' | 'pkcs1' = 'pkcs8'): string {
  return key.export({ format: 'pem', type }).toString()
}

async function refusal(text: string, password = ''): Promise<PromotionError> {
  try {
    await parsePrivateKey(text, password, NAME)
  } catch (error) {
    assert.ok(error instanceof PromotionError)
    assert.equal(error.kind, 'input')
    assert.match(error.message, /keys\/cosign\.key/)
    assert.ok(error.hint)
    return error
  }
  return assert.fail('the key was taken')
}

describe('a private key is read from', () => {
  const forms: readonly [string, string, string, KeyObject][] = [
    ['cosign.key with a password', encryptCosignKey(ec, 'geheim'), 'geheim', ec],
    ['cosign.key with an empty password', encryptCosignKey(ec, ''), '', ec],
    ['cosign.key of an RSA key', encryptCosignKey(rsa, 'x'), 'x', rsa],
    [
      'cosign.key with the old header',
      encryptCosignKey(ec, 'x', { label: 'ENCRYPTED COSIGN PRIVATE KEY' }),
      'x',
      ec,
    ],
    ['cosign.key with the cost of today', encryptCosignKey(ec, 'x', { cost: 65536 }), 'x', ec],
    ['cosign.key with the highest cost', encryptCosignKey(ec, 'x', { cost: 131072 }), 'x', ec],
    ['PKCS 8, EC', pem(ec), '', ec],
    ['PKCS 8, RSA', pem(rsa), 'unused', rsa],
    ['SEC 1', pem(ec, 'sec1'), '', ec],
    ['PKCS 1', pem(rsa, 'pkcs1'), '', rsa],
    ['a file with line ends of Windows', pem(ec).replaceAll('\n', '\r\n'), '', ec],
    [
      'a file with its curve before the key',
      `-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n${pem(ec, 'sec1')}`,
      '',
      ec,
    ],
  ]
  for (const [name, text, password, expected] of forms) {
    test(name, async () => {
      assert.ok((await parsePrivateKey(text, password, NAME)).equals(expected))
    })
  }

  test('a file that cosign itself wrote', async () => {
    const key = await parsePrivateKey(REAL_COSIGN_KEY, '', NAME)
    assert.equal(keyFingerprint(key), keyFingerprint(createPublicKey(REAL_COSIGN_PUB)))
  })
})

describe('a private key is refused', () => {
  const good = encryptCosignKey(ec, 'geheim')
  const change = (from: string | RegExp, to: string) =>
    encryptCosignKey(ec, 'geheim', { change: (json) => json.replace(from, to) })
  const cases: readonly [string, string, RegExp][] = [
    ['with a wrong password', good, /cannot be decrypted with the password given/],
    ['with a costly derivation', change('"N":32768', '"N":1048576'), /scrypt parameters/],
    ['with a cheap derivation', change('"N":32768', '"N":2'), /scrypt parameters/],
    ['with a wide derivation', change('"r":8', '"r":80'), /scrypt parameters/],
    ['with a parallel derivation', change('"p":1', '"p":64'), /scrypt parameters/],
    ['with another derivation', change('"scrypt"', '"argon2"'), /how scrypt derives/],
    ['with another cipher', change('nacl/secretbox', 'aes'), /nacl\/secretbox/],
    ['with a short nonce', change(/"nonce":"[^"]+"/, '"nonce":"AAAA"'), /nonce of 24 bytes/],
    ['without ciphertext', change(/"ciphertext":"[^"]+"/, '"x":1'), /cannot be decrypted/],
    ['with a body that is no JSON', change('{', '['), /not JSON in base64/],
    ['of P-384', pem(generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey), /curve secp384r1/],
    ['of Ed25519', pem(generateKeyPairSync('ed25519').privateKey), /an Ed25519 key/],
    [
      'of RSA with 1024 bits',
      pem(generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey),
      /RSA key of 1024 bits/,
    ],
    [
      'of Ed25519 inside a cosign.key',
      encryptCosignKey(generateKeyPairSync('ed25519').privateKey, 'x'),
      /an Ed25519 key/,
    ],
    ['that is a public key', REAL_COSIGN_PUB, /is "PUBLIC KEY", not a private key/],
    ['that is no PEM', 'c2VjcmV0', /not in PEM form/],
    ['that is empty', '', /not in PEM form/],
    ['that is far too long', `${' '.repeat(100_000)}${pem(ec)}`, /not in PEM form/],
    ['that is damaged', '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----', /is damaged/],
    [
      'that OpenSSL encrypted',
      ec.export({ format: 'pem', type: 'pkcs8', cipher: 'aes-256-cbc', passphrase: 'x' }).toString(),
      /in a form other than cosign's/,
    ],
    [
      'that OpenSSL encrypted in its old form',
      ec.export({ format: 'pem', type: 'sec1', cipher: 'aes-256-cbc', passphrase: 'x' }).toString(),
      /in a form other than cosign's/,
    ],
  ]
  for (const [name, text, pattern] of cases) {
    test(name, async () => {
      assert.match((await refusal(text, 'x')).message, pattern)
    })
  }

  test('with a wrong password, and every place where to give the right one', async () => {
    const { hint } = await refusal(good, 'x')
    assert.match(
      hint ?? '',
      /`key-password`, in a terminal in SIGNED_PROMOTE_KEY_PASSWORD or COSIGN_PASSWORD/,
    )
  })

  test('without a word of what is in it', async () => {
    const json = '["geheimes"'
    const body = Buffer.from(json).toString('base64')
    const text = `-----BEGIN ENCRYPTED COSIGN PRIVATE KEY-----\n${body}\n-----END ENCRYPTED COSIGN PRIVATE KEY-----`
    const { message, hint, cause } = await refusal(text, 'passwort')
    for (const secret of ['geheimes', body, 'passwort']) {
      assert.ok(!`${message} ${hint} ${String(cause)}`.includes(secret))
    }
  })
})

test('tells before cosign is run that it does not read a plain PEM key', () => {
  assert.throws(() => requireCosignForm(pem(ec), 'plain.pem'), {
    kind: 'input',
    message: 'The key plain.pem is a plain PRIVATE KEY, which the cosign binary does not read',
  })
  requireCosignForm(encryptCosignKey(ec, ''), 'cosign.key')
})
