import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { markdownText } from '../../src/report/safe-text.ts'
import { buildKeys } from '../builders/build-keys.ts'
import { findSecrets } from './find-secrets.ts'

const PASSWORD = 'p&ss/w\u00f6rd "1" <+>\\ ~?'
const SECRETS = [{ name: 'the password', value: PASSWORD }]

function base64(text: string): string {
  return Buffer.from(text).toString('base64')
}

function escapedInFull(text: string): string {
  return [...text].map((sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`).join('')
}

const PLANTED: Readonly<Record<string, string>> = {
  raw: PASSWORD,
  'raw, cut off': PASSWORD.slice(0, 14),
  base64: base64(PASSWORD),
  'base64 without padding': base64(PASSWORD).replace(/=+$/, ''),
  base64url: Buffer.from(PASSWORD).toString('base64url'),
  'base64 of user:password': base64(`me:${PASSWORD}`),
  'base64 behind one letter more': base64(`bob:${PASSWORD}`),
  'base64 behind two letters more': base64(`jane:${PASSWORD}`),
  'base64url of user:password': Buffer.from(`jane:${PASSWORD}`).toString('base64url'),
  'base64 in front of something else': base64(`{"auth":${PASSWORD}}`),
  'base64 in lines of 16': base64(`bob:${PASSWORD}`).replace(/.{16}/g, '$&\n'),
  percent: encodeURIComponent(PASSWORD),
  'percent in lower case': encodeURIComponent(PASSWORD).replace(/%../g, (one) => one.toLowerCase()),
  'a path': encodeURI(PASSWORD),
  'a form': String(new URLSearchParams({ p: PASSWORD })),
  JSON: JSON.stringify({ p: PASSWORD }),
  'JSON in JSON': JSON.stringify({ text: JSON.stringify({ p: PASSWORD }) }),
  'JSON that escapes every letter': escapedInFull(PASSWORD),
  'JSON as Go writes it': JSON.stringify(PASSWORD).replace(/[<>&]/g, (sign) => escapedInFull(sign)),
  hex: Buffer.from(PASSWORD).toString('hex'),
  'hex in upper case': Buffer.from(PASSWORD).toString('hex').toUpperCase(),
  'percent-encoded base64': encodeURIComponent(base64(`bob:${PASSWORD}`)),
  Markdown: markdownText(PASSWORD),
}

describe('a secret is found', () => {
  for (const [how, planted] of Object.entries(PLANTED)) {
    test(`as ${how}, and is not in what is said of it`, () => {
      const found = findSecrets({ stderr: 'nothing here', report: `before ${planted} after` }, SECRETS)
      assert.notEqual(found.length, 0)
      for (const sentence of found) assert.match(sentence, /^report: the password, [\w :,-]+$/)
    })
  }

  test('in bytes as well as in text', () => {
    assert.equal(findSecrets({ file: Buffer.from(PASSWORD) }, SECRETS).length > 0, true)
  })

  test('by any line of a private key, as it is, in JSON, or in base64 once more', () => {
    const { privatePem } = buildKeys()
    const key = { name: 'the key', value: privatePem }
    const lines = privatePem.split('\n').filter((line) => line.length > 8 && !line.startsWith('-----'))
    assert.equal(lines.length, 3)
    for (const line of lines) assert.notEqual(findSecrets({ log: `x${line}x` }, [key]).length, 0)
    for (const whole of [privatePem, JSON.stringify(privatePem), base64(privatePem)])
      assert.notEqual(findSecrets({ log: whole }, [key]).length, 0)
  })
})

describe('nothing is found', () => {
  test('where there is nothing, however much else there is', () => {
    const { publicPem, privatePem } = buildKeys()
    const texts = { key: publicPem, text: 'p&ss/w bob: *** %70 \\u0070 <b>&amp;</b>', hex: 'ff'.repeat(99) }
    assert.deepEqual(findSecrets(texts, [...SECRETS, { name: 'the key', value: privatePem }]), [])
  })

  test('for a secret that is too short to be told from chance: that is an error', () => {
    for (const value of ['', 'short', '-----BEGIN X-----\n-----END X-----'])
      assert.throws(() => findSecrets({}, [{ name: 'it', value }]), /it (?:has fewer than 8|is empty)/)
  })
})
