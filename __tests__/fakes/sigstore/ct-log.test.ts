import 'reflect-metadata'
import assert from 'node:assert/strict'
import { createHash, createPublicKey, verify, webcrypto } from 'node:crypto'
import { test } from 'node:test'
import * as x509 from '@peculiar/x509'
import { tbsOf } from './ct-log.ts'
import { startPrivateSigstore } from './private-sigstore.ts'

interface LogAnswer {
  readonly timestamp: number
  readonly signature: string
}

const POISON = new x509.Extension('1.3.6.1.4.1.11129.2.4.3', true, Buffer.from('0500', 'hex'))
/** In front of the signature: the hash, the algorithm and the length. */
const SIGNATURE_HEAD = 4

test('the certificate log signs a certificate as it will be, without what marks it as a draft', async () => {
  await using sigstore = await startPrivateSigstore()
  const keys = await webcrypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, [
    'sign',
    'verify',
  ])
  const times = { notBefore: new Date(0), notAfter: new Date(1000) }
  const usage = new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true)
  const certify = (...extensions: readonly x509.Extension[]) =>
    x509.X509CertificateGenerator.createSelfSigned({
      ...{ name: 'CN=a', serialNumber: '01', ...times, keys },
      signingAlgorithm: { name: 'ECDSA', hash: 'SHA-256' },
      extensions: [usage, ...extensions],
    })
  const draft = Buffer.from((await certify(POISON)).rawData)
  const certificate = Buffer.from((await certify()).rawData)

  const chain = [draft, certificate].map((each) => each.toString('base64'))
  const body = JSON.stringify({ chain })
  const response = await fetch(`${sigstore.ctUrl}/ct/v1/add-pre-chain`, { method: 'POST', body })
  const { timestamp, signature } = (await response.json()) as LogAnswer

  const issuer = await webcrypto.subtle.exportKey('spki', keys.publicKey)
  const tbs = tbsOf(certificate)
  const length = Buffer.alloc(3)
  length.writeUIntBE(tbs.length, 0, 3)
  const time = Buffer.alloc(8)
  time.writeBigUInt64BE(BigInt(timestamp))
  const signed = Buffer.concat([
    ...[Buffer.of(0, 0), time, Buffer.of(0, 1), createHash('sha256').update(Buffer.from(issuer)).digest()],
    ...[length, tbs, Buffer.of(0, 0)],
  ])
  const key = createPublicKey({ key: sigstore.trusted.ctLog.key.der, format: 'der', type: 'spki' })
  assert.ok(verify('sha256', signed, key, Buffer.from(signature, 'base64').subarray(SIGNATURE_HEAD)))
})
