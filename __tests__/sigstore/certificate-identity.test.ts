// The library of certificates throws without it, and it has to be loaded first.
import 'reflect-metadata'
import assert from 'node:assert/strict'
import { webcrypto } from 'node:crypto'
import { describe, test } from 'node:test'
import { Extension, X509CertificateGenerator } from '@peculiar/x509'
import { certificateIdentity } from '../../src/sigstore/certificate-identity.ts'
import { der, OCTET_STRING, SEQUENCE, UTF8_STRING } from '../fakes/sigstore/der.ts'

const ARC = '1.3.6.1.4.1.57264.1'
const SUBJECT_ALTERNATIVE_NAME = '2.5.29.17'
/** Tags of the kinds of a general name (RFC 5280, section 4.2.1.6). */
const [OTHER_NAME, EMAIL, DNS, URI] = [0xa0, 0x81, 0x82, 0x86]
/** 1.3.6.1.4.1.57264.1.7 in DER: the user name of Fulcio's. */
const USER_NAME = Buffer.from('060a2b0601040183bf300107', 'hex')

const keys = await webcrypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, [
  'sign',
  'verify',
])

/** A certificate that names these and has these extensions, the last part of their identifiers as a number. */
async function certify(names: readonly Buffer[], extensions: readonly (readonly [number, Buffer])[] = []) {
  const certificate = await X509CertificateGenerator.createSelfSigned({
    keys,
    signingAlgorithm: { name: 'ECDSA', hash: 'SHA-256' },
    extensions: [
      new Extension(SUBJECT_ALTERNATIVE_NAME, true, der(SEQUENCE, Buffer.concat(names))),
      ...extensions.map(([number, value]) => new Extension(`${ARC}.${number}`, false, value)),
    ],
  })
  return new Uint8Array(certificate.rawData)
}

const name = (tag: number, value: string | Buffer) => der(tag, value)
const identityOf = async (...names: Buffer[]) => certificateIdentity(await certify(names)).identity

describe('a certificate names', () => {
  test('a workflow by its URI, a person by an e-mail address', async () => {
    assert.equal(await identityOf(name(URI, 'https://example.com/w')), 'https://example.com/w')
    assert.equal(await identityOf(name(EMAIL, 'ada@example.com')), 'ada@example.com')
  })

  test('a user by the name that Fulcio writes, and by no other of that kind', async () => {
    const value = der(0xa0, der(UTF8_STRING, 'ada!example.com'))
    assert.equal(await identityOf(der(OTHER_NAME, Buffer.concat([USER_NAME, value]))), 'ada!example.com')
    const other = Buffer.from(USER_NAME)
    other.writeUInt8(6, other.length - 1)
    assert.equal(await identityOf(der(OTHER_NAME, Buffer.concat([other, value]))), '')
  })

  test('nobody, when it names a host', async () => {
    assert.equal(await identityOf(name(DNS, 'example.com')), '')
  })

  test('its issuer in the newer extension, which counts, or in the older one', async () => {
    const older = [1, Buffer.from('https://old.example')] as const
    const newer = [8, der(UTF8_STRING, 'https://new.example')] as const
    const issuerOf = async (...extensions: (readonly [number, Buffer])[]) =>
      certificateIdentity(await certify([], extensions)).issuer
    assert.equal(await issuerOf(older), 'https://old.example')
    assert.equal(await issuerOf(older, newer), 'https://new.example')
    assert.equal(await issuerOf(), '')
  })

  test('the claims of its workflow that it has', async () => {
    const claims = [
      [2, Buffer.from('push')],
      [5, Buffer.from('acme/app')],
    ] as const
    const { workflow } = certificateIdentity(await certify([], claims))
    assert.deepEqual(workflow, { trigger: 'push', repository: 'acme/app' })
  })
})

describe('whom a certificate names is not read', () => {
  const cases: readonly [string, Promise<Uint8Array>, RegExp][] = [
    [
      'when it names two',
      certify([name(EMAIL, 'ada@example.com'), name(EMAIL, 'eve@example.com')]),
      /^it names 2 identities instead of one$/,
    ],
    // 0xe1 without its highest bit is the letter a.
    ['when a name is no text', certify([name(EMAIL, Buffer.from('\xe1da@example.com', 'latin1'))]), /utf-8/i],
    ['when a claim is no text', certify([], [[5, Buffer.of(0xff)]]), /utf-8/i],
  ]
  for (const [what, certificate, message] of cases) {
    test(what, async () => {
      const bytes = await certificate
      assert.throws(
        () => certificateIdentity(bytes),
        (error) => error instanceof Error && message.test(error.message),
      )
    })
  }

  test('when it is no certificate', () => {
    for (const bytes of [new Uint8Array(), Buffer.of(OCTET_STRING, 1, 1), Buffer.from('text')])
      assert.throws(() => certificateIdentity(bytes), Error)
  })
})
