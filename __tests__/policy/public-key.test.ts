import assert from 'node:assert/strict'
import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { describe, test } from 'node:test'
import { PromotionError } from '../../src/errors.ts'
import { parsePublicKey } from '../../src/policy/public-key.ts'
import { REAL_COSIGN_PUB } from '../builders/real-cosign-key.ts'

const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })

function spki(key: KeyObject): string {
  return key.export({ format: 'pem', type: 'spki' }).toString()
}

describe('a public key is read from', () => {
  test('SPKI, of both kinds', () => {
    assert.ok(parsePublicKey(spki(ec.publicKey), 'k').equals(ec.publicKey))
    assert.ok(parsePublicKey(spki(rsa.publicKey), 'k').equals(rsa.publicKey))
  })

  test('PKCS 1', () => {
    const text = rsa.publicKey.export({ format: 'pem', type: 'pkcs1' }).toString()
    assert.ok(parsePublicKey(text, 'k').equals(rsa.publicKey))
  })

  test('what cosign itself wrote', () => {
    assert.equal(parsePublicKey(REAL_COSIGN_PUB, 'k').asymmetricKeyType, 'ec')
  })
})

describe('a public key is refused', () => {
  const cases: readonly [string, string, RegExp][] = [
    ['of P-384', spki(generateKeyPairSync('ec', { namedCurve: 'P-384' }).publicKey), /curve secp384r1/],
    ['of Ed25519', spki(generateKeyPairSync('ed25519').publicKey), /an Ed25519 key/],
    [
      'of RSA with 1024 bits',
      spki(generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey),
      /1024 bits/,
    ],
    [
      'of RSA-PSS, which makes other signatures',
      spki(generateKeyPairSync('rsa-pss', { modulusLength: 2048 }).publicKey),
      /of the kind rsa-pss/,
    ],
    [
      'that is a private key',
      ec.privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
      /is "PRIVATE KEY", not a public key/,
    ],
    ['that is two', spki(ec.publicKey) + spki(rsa.publicKey), /2 PEM blocks/],
    ['that is no PEM', 'ssh-rsa AAAA', /not in PEM form/],
    ['that is damaged', '-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----', /is damaged/],
  ]
  for (const [name, text, pattern] of cases) {
    test(name, () => {
      assert.throws(
        () => parsePublicKey(text, 'cosign.pub'),
        (error) => {
          assert.ok(error instanceof PromotionError)
          assert.equal(error.kind, 'input')
          assert.match(error.message, /^The key cosign\.pub /)
          assert.match(error.message, pattern)
          return true
        },
      )
    })
  }
})
