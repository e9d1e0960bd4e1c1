import assert from 'node:assert/strict'
import { test } from 'node:test'
import { digestOf } from '../../src/oci/digest.ts'
import { nameOfEnvelope, readAcceptedEnvelopes, readAcceptedLayers } from '../../src/verify/cosign-output.ts'

const CRITICAL = { type: 'cosign container image signature' }

test('what cosign adds to a payload is told from what its signer stated', () => {
  const optional = {
    stage: 'prod',
    Subject: 'me',
    Issuer: 'https://issuer.example',
    '1.3.6.1.4.1.57264.1.1': 'https://issuer.example',
    githubWorkflowSha: 'abc',
    Bundle: { SignedEntryTimestamp: '' },
    RFC3161Timestamp: { SignedRFC3161Timestamp: '' },
  }
  const [accepted, other] = readAcceptedLayers(
    `\n${JSON.stringify([
      { critical: CRITICAL, optional },
      { critical: CRITICAL, optional: null },
    ])}\n`,
  )
  assert.ok(accepted && other)
  assert.deepEqual(JSON.parse(Buffer.from(accepted.payload).toString()), {
    critical: CRITICAL,
    optional: { stage: 'prod' },
  })
  assert.deepEqual([accepted.hasCertificate, accepted.hasTimestamp], [true, true])
  assert.deepEqual([other.hasCertificate, other.hasTimestamp], [false, false])
})

test('an annotation is not taken for a timestamp', () => {
  const optional = { RFC3161Timestamp: 'today' }
  const [accepted] = readAcceptedLayers(JSON.stringify([{ critical: CRITICAL, optional }]))
  assert.equal(accepted?.hasTimestamp, false)
})

for (const text of ['', 'null', '{}', '[1, null]', 'error when generating the output']) {
  test(`nothing is accepted by ${JSON.stringify(text)}`, () => {
    assert.deepEqual(readAcceptedLayers(text), [])
  })
}

test('an envelope is found again by its bytes, and by its payload with its signatures', () => {
  const envelope = { payloadType: 'type', payload: 'e30=', signatures: [{ sig: 'MEQ=' }] }
  const written = JSON.stringify(envelope)
  const accepted = readAcceptedEnvelopes(`${written}\n`)
  assert.ok(accepted.has(digestOf(Buffer.from(written))))
  const { payload, payloadType } = envelope
  assert.ok(accepted.has(nameOfEnvelope({ signatures: [{ keyid: '', sig: 'MEQ=' }], payload, payloadType })))
  for (const change of [
    { payload: 'W10=' },
    { payloadType: 'other' },
    { signatures: [{ sig: 'other' }] },
    { signatures: [] },
  ]) {
    assert.ok(!accepted.has(nameOfEnvelope({ ...envelope, ...change })))
  }
})

for (const line of ['{', 'null', '{"payloadType":"type","payload":"e30="}', 'a word']) {
  test(`no envelope is accepted beside the line ${line}`, () => {
    const written = JSON.stringify({ payloadType: 'type', payload: 'e30=', signatures: [{ sig: 'MEQ=' }] })
    assert.equal(readAcceptedEnvelopes(`${written}\n`).size, 2)
    assert.equal(readAcceptedEnvelopes(`${written}\n${line}\n`).size, 0)
  })
}
