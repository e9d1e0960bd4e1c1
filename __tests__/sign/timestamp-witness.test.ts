import assert from 'node:assert/strict'
import { buffer } from 'node:stream/consumers'
import { describe, type TestContext, test } from 'node:test'
import { RFC3161Timestamp } from '@sigstore/core'
import { TimestampWitness } from '../../src/sign/timestamp-witness.ts'
import { startSigstoreScene } from '../builders/sigstore-scene.ts'
import { startHttp } from '../registry/http-scene.ts'

const SIGNATURE = Buffer.from('a signature')
const CONTENT = {
  $case: 'messageSignature',
  messageSignature: { messageDigest: { algorithm: 1, digest: Buffer.alloc(32) }, signature: SIGNATURE },
} as const

test('a signature is dated by a timestamp authority', async (context) => {
  const { sigstore, http } = await startSigstoreScene(context)
  const witness = new TimestampWitness(new URL(sigstore.timestampUrl), http)
  const { rfc3161Timestamps: [stamp] = [] } = await witness.testify(CONTENT)
  assert.ok(stamp)
  const parsed = RFC3161Timestamp.parse(stamp.signedTimestamp as Buffer<ArrayBuffer>)
  parsed.tstInfo.verify(SIGNATURE)
})

test('the request is what RFC 3161 says, for every authority', async (context) => {
  const seen: unknown[] = []
  const { http, url } = await startHttp(context, async (request, response) => {
    const { 'content-type': type, accept } = request.headers
    seen.push(type, accept, (await buffer(request)).toString('hex'))
    response.writeHead(400).end()
  })
  await assert.rejects(new TimestampWitness(url, http).testify(CONTENT))
  assert.deepEqual(seen, [
    'application/timestamp-query',
    'application/timestamp-reply',
    // As openssl ts -query -sha256 -cert -no_nonce writes it.
    '30390201013031300d060960864801650304020105000420804d0a048703df86f58c83c1a62fb2db84d001d9e819bb06bad4435f7f239fd10101ff',
  ])
})

/** The answer is not quoted. */
const NO_NUMBER = /answered with something that is not a timestamp$/

/** One element in DER, its length written in four bytes. */
function element(tag: number, content: Uint8Array): Buffer {
  const head = Buffer.from([tag, 0x84, 0, 0, 0, 0])
  head.writeUInt32BE(content.byteLength, 2)
  return Buffer.concat([head, content])
}

/** A reply with this status and no timestamp. */
function statusOf(integer: Uint8Array): Buffer {
  return element(0x30, element(0x30, element(0x02, integer)))
}

function bytesOf(reply: Buffer): string {
  return reply.toString('hex')
}

describe('a reply of success', () => {
  async function witnessWith(context: TestContext, reply: Uint8Array) {
    const { http, url } = await startHttp(context, (_, response) => response.writeHead(201).end(reply))
    return new TimestampWitness(url, http)
  }

  test('for another signature is refused', async (context) => {
    const { sigstore } = await startSigstoreScene(context)
    const witness = await witnessWith(context, await sigstore.timestamp(Buffer.from('another')))
    await assert.rejects(witness.testify(CONTENT), /answered with a timestamp of something else/)
  })

  for (const [what, reply, why] of [
    ['that refuses', '30053003020102', /the refusal 2 \(RFC 3161, section 2\.4\.2\)/],
    ['that refuses with the highest code', '300530030201ff', /the refusal 255 \(RFC 3161/],
    ['whose code is a text', '300530030c0102', /something that is not a timestamp/],
    ['whose code is a long number', bytesOf(statusOf(Buffer.alloc(60_000, 7))), NO_NUMBER],
    ['whose code is 1, written at length', bytesOf(statusOf(Buffer.from([0, 1]))), NO_NUMBER],
    [
      'of more bytes than a timestamp has',
      bytesOf(statusOf(Buffer.alloc(200_000, 7))),
      /answered with 200018 bytes, more than the 65536 that a timestamp may have$/,
    ],
    ['that is empty', '', /an empty body/],
    ['that is HTML', Buffer.from('<html>').toString('hex'), /something that is not a timestamp/],
    ['that ends early', '3005300302', /something that is not a timestamp/],
    ['that grants and holds nothing', '30053003020100', /something that is not a timestamp/],
  ] as const) {
    test(`${what} is refused`, async (context) => {
      const witness = await witnessWith(context, Buffer.from(reply, 'hex'))
      await assert.rejects(witness.testify(CONTENT), why)
    })
  }
})
