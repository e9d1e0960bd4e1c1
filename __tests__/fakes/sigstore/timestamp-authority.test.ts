import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { RFC3161Timestamp } from '@sigstore/core'
import { der, OCTET_STRING, SEQUENCE } from './der.ts'
import { type PrivateSigstore, startPrivateSigstore } from './private-sigstore.ts'

const INTEGER = 0x02
const BOOLEAN = 0x01
/** The identifier of SHA-256 with no parameters, as an AlgorithmIdentifier. */
const SHA256 = Buffer.from('300d06096086480165030402010500', 'hex')

describe('the timestamp authority of the private Sigstore', () => {
  let sigstore: PrivateSigstore

  before(async () => {
    sigstore = await startPrivateSigstore()
  })

  after(() => sigstore.close())

  function ask(...more: readonly Buffer[]): Promise<Response> {
    const hash = createHash('sha256').update('signature').digest()
    const imprint = der(SEQUENCE, Buffer.concat([SHA256, der(OCTET_STRING, hash)]))
    const body = der(SEQUENCE, Buffer.concat([der(INTEGER, Buffer.of(1)), imprint, ...more]))
    const headers = { 'content-type': 'application/timestamp-query' }
    return fetch(sigstore.timestampUrl, { method: 'POST', headers, body })
  }

  test('answers a query in DER with a time in whole seconds', async () => {
    const response = await ask()
    assert.equal(response.status, 201)
    const timestamp = RFC3161Timestamp.parse(Buffer.from(await response.arrayBuffer()))
    assert.equal(timestamp.signingTime.getMilliseconds(), 0)
    assert.ok(Math.abs(timestamp.signingTime.getTime() - Date.now()) < 60_000)
    assert.deepEqual(
      timestamp.tstInfo.messageImprintHashedMessage,
      createHash('sha256').update('signature').digest(),
    )
  })

  test('sends its certificate when it is asked for it', async () => {
    const bare = Buffer.from(await (await ask()).arrayBuffer())
    const full = Buffer.from(await (await ask(der(BOOLEAN, Buffer.of(0xff)))).arrayBuffer())
    assert.ok(full.length > bare.length + 300)
  })

  test('repeats a nonce, and refuses one that it cannot repeat', async () => {
    const nonce = der(INTEGER, Buffer.from('0123456789', 'hex'))
    const response = Buffer.from(await (await ask(nonce)).arrayBuffer())
    assert.ok(response.includes(nonce))
    assert.equal((await ask(der(INTEGER, Buffer.alloc(16, 1)))).status, 400)
  })

  test('refuses what is no query', async () => {
    const headers = { 'content-type': 'application/timestamp-query' }
    const response = await fetch(sigstore.timestampUrl, { method: 'POST', headers, body: der(SEQUENCE, '') })
    assert.equal(response.status, 400)
  })

  test('states the time that a test wants', async () => {
    const at = new Date('2024-02-03T04:05:06.789Z')
    const { signingTime } = RFC3161Timestamp.parse(await sigstore.timestamp(Buffer.from('signature'), at))
    assert.deepEqual(signingTime, new Date('2024-02-03T04:05:06Z'))
  })
})
