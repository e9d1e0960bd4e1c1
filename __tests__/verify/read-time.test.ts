import assert from 'node:assert/strict'
import { createHash, createPublicKey, generateKeyPairSync, X509Certificate } from 'node:crypto'
import { describe, test } from 'node:test'
import { RFC3161Timestamp } from '@sigstore/core'
// Its parts and not its whole: that one loads nock, which takes over every HTTP request of the process.
import { initializeTSA } from '@sigstore/mock/dist/timestamp/tsa.js'
import { readTime } from '../../src/verify/read-time.ts'

const SECOND = '2026-03-04T05:06:07'
const SIGNED = Buffer.from('a signature')

/** The response of a timestamp authority that states this time, and the key that it is checked with. */
async function stampedAt(time: string) {
  const authority = await initializeTSA(generateKeyPairSync('ec', { namedCurve: 'P-256' }), new Date(time))
  const response = await authority.timestamp({
    artifactHash: createHash('sha256').update(SIGNED).digest(),
    hashAlgorithmOID: '2.16.840.1.101.3.4.2.1',
    nonce: 1,
    policyOID: '1.3.6.1.4.1.57264.2',
  })
  const { publicKey } = new X509Certificate(bytesOf(authority.intCertificate))
  return {
    der: bytesOf(response),
    publicKey: createPublicKey(publicKey.export({ type: 'spki', format: 'pem' })),
  }
}

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView<ArrayBuffer>): Buffer<ArrayBuffer> {
  return Buffer.from(buffer, byteOffset, byteLength)
}

function read(der: Buffer<ArrayBuffer>) {
  const time = readTime({ $case: 'timestamp-authority', timestamp: RFC3161Timestamp.parse(der) })
  assert.ok(time.$case === 'timestamp-authority')
  return time.timestamp
}

describe('the time of a timestamp authority is read', () => {
  for (const [stated, written] of [
    ['.000', '07Z'],
    ['.100', '07.1Z'],
    ['.120', '07.12Z'],
    ['.123', '07.123Z'],
    ['.007', '07.007Z'],
  ] as const) {
    test(`where it is written as ${written}, and what was signed stays signed`, async () => {
      const { der, publicKey } = await stampedAt(`${SECOND}${stated}Z`)
      assert.ok(der.includes(`202603040506${written}`))
      const timestamp = read(der)
      assert.equal(timestamp.signingTime.toISOString(), `${SECOND}.000Z`)
      timestamp.verify(SIGNED, publicKey)
      assert.throws(() => timestamp.verify(Buffer.from('another signature'), publicKey))
    })
  }
})

describe('what is no time is not read', () => {
  for (const [what, written] of [
    ['a thirteenth month', '20261304050607.1Z'],
    ['a local time', '20260304050607.120'],
    ['letters', '2026030405060x.1Z'],
  ] as const) {
    test(what, async () => {
      const { der } = await stampedAt(`${SECOND}.120Z`)
      const place = der.indexOf('20260304050607.12Z')
      der.write(written.padEnd(18, 'Z'), place, 'latin1')
      assert.throws(() => read(der), /states no time/)
    })
  }
})

test('the time of a log is left as it is', () => {
  const time = { $case: 'transparency-log', tlogEntry: {} } as unknown as Parameters<typeof readTime>[0]
  assert.equal(readTime(time), time)
})
