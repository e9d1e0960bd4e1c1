import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Annotations, JsonObject } from '../../src/oci/descriptor.ts'
import { digestOf, hexOf } from '../../src/oci/digest.ts'
import { MEDIA_TYPES } from '../../src/oci/media-types.ts'
import { STATEMENT_MEDIA_TYPE } from '../../src/oci/signature-format.ts'
import {
  type BundleChange,
  bundle,
  type Envelope,
  image,
  ours,
  single,
  theirs,
} from '../builders/changed-signature.ts'

describe('a Sigstore bundle does not count', () => {
  const material = (change: JsonObject) => (json: JsonObject) => ({ ...json, verificationMaterial: change })
  const statement = (change: JsonObject) => ({ statement: (json: JsonObject) => ({ ...json, ...change }) })
  const subject = (digest: JsonObject) => statement({ subject: [{ digest }] })
  const signatureOf = (json: Envelope) => json.signatures[0] ?? {}
  const key = { hint: ours.hint }
  const cases: readonly [string, BundleChange, RegExp, Annotations?][] = [
    ['by another key', { keys: theirs }, /not by the key of the policy/],
    [
      'by another key under the name of ours',
      { keys: { ...theirs, hint: ours.hint } },
      /not by the key of the policy/,
    ],
    [
      'over a statement that was changed',
      { envelope: (json) => ({ ...json, payload: Buffer.from('{}').toString('base64') }) },
      /what it signs was changed/,
    ],
    [
      'that is an attestation',
      statement({ predicateType: 'https://slsa.dev/provenance/v1' }),
      /an attestation \("https:\/\/slsa\.dev\/provenance\/v1"\), not a signature/,
    ],
    ['of no predicate', statement({ predicateType: undefined }), /an attestation \(nothing\)/],
    [
      'with a statement of another type',
      statement({ _type: 'https://in-toto.io/Link/v1' }),
      /of the type "https:\/\/in-toto\.io\/Link\/v1"/,
    ],
    [
      'over another image',
      subject({ sha256: hexOf(digestOf('x')) }),
      /signed the image \{"digest".+ not this one/,
    ],
    ['over the digest by another algorithm', subject({ sha512: hexOf(image.digest) }), /not this one/],
    ['over no image', statement({ subject: [] }), /signed the image nothing/],
    ['whose subject is no list', statement({ subject: { digest: {} } }), /signed the image nothing/],
    ['whose subjects are texts', statement({ subject: ['x', null] }), /signed the image "x"/],
    ['over what is not JSON', { raw: '{' }, /a statement that is not a JSON object/],
    ['over null', { raw: 'null' }, /a statement that is not a JSON object/],
    [
      'with another kind of payload',
      { payloadType: 'text/plain' },
      /holds "text\/plain", not an in-toto statement/,
    ],
    [
      'whose payload type was changed',
      { payloadType: 'text/plain', envelope: (json) => ({ ...json, payloadType: STATEMENT_MEDIA_TYPE }) },
      /what it signs was changed/,
    ],
    [
      'without signatures',
      { envelope: (json) => ({ ...json, signatures: [] }) },
      /malformed in content\.dsseEnvelope\.signatures/,
    ],
    [
      'with two signatures',
      { envelope: (json) => ({ ...json, signatures: [signatureOf(json), signatureOf(json)] }) },
      /malformed in content\.dsseEnvelope\.signatures/,
    ],
    ['without an envelope', { bundle: ({ dsseEnvelope: _, ...json }) => json }, /malformed/],
    ['whose envelope is a text', { envelope: () => 'x' }, /malformed/],
    [
      'that signs bytes',
      {
        bundle: ({ dsseEnvelope: _, ...json }) => ({
          ...json,
          messageSignature: { messageDigest: { algorithm: 'SHA2_256', digest: 'AAAA' }, signature: 'AAAA' },
        }),
      },
      /signs bytes, not a statement/,
    ],
    ['with a certificate', { bundle: material({ certificate: { rawBytes: 'AAAA' } }) }, /with a certificate/],
    [
      'with a certificate beside its key',
      { bundle: material({ publicKey: key, certificate: { rawBytes: 'AAAA' } }) },
      /with a certificate/,
    ],
    [
      'with a chain of certificates',
      { bundle: material({ publicKey: key, x509CertificateChain: { certificates: [] } }) },
      /with a certificate/,
    ],
    ['without a key', { bundle: material({}) }, /does not say that a key or a certificate made it/],
    [
      'without verification material',
      { bundle: ({ verificationMaterial: _, ...json }) => json },
      /no verification material/,
    ],
    [
      'that is of another media type',
      { bundle: (json) => ({ ...json, mediaType: 'application/json' }) },
      /says that it is "application\/json"/,
    ],
    [
      'whose media type is nested too deeply',
      { text: () => `{"mediaType":${'['.repeat(400_000)}${']'.repeat(400_000)}}` },
      /says that it is a list, not/,
    ],
    [
      'of an unknown version',
      { bundle: (json) => ({ ...json, mediaType: `${MEDIA_TYPES.sigstoreBundle}.99` }) },
      /not a Sigstore bundle of version 0\.3/,
    ],
    ['that is not JSON', { text: (json) => json.slice(1) }, /not a JSON object/],
    ['that is empty', { text: () => '' }, /not a JSON object/],
    [
      'that refers to another image',
      { manifest: (parts) => ({ ...parts, subject: { ...image.root.descriptor, digest: digestOf('x') } }) },
      /refers to sha256:[0-9a-f]+, not to this image/,
    ],
    ['that refers to nothing', { manifest: ({ subject: _, ...parts }) => parts }, /refers to nothing/],
    [
      'with two layers',
      { manifest: (parts) => ({ ...parts, layers: [...parts.layers, ...parts.layers] }) },
      /2 layers instead of one/,
    ],
    [
      'whose layer is something else',
      {
        manifest: (parts) => ({
          ...parts,
          layers: parts.layers.map((each) => ({ ...each, mediaType: 'text/plain' })),
        }),
      },
      /of the type "text\/plain"/,
    ],
    [
      'that is huge',
      {
        manifest: (parts) => ({ ...parts, layers: parts.layers.map((each) => ({ ...each, size: 2 ** 40 })) }),
      },
      /has 1099511627776 bytes/,
    ],
    ['without a required annotation', {}, /does not state the annotation team=x/, { team: 'x' }],
    ['with another value of it', {}, /states stage="prod" instead of stage="test"/, { stage: 'test' }],
    [
      'with an annotation of every object',
      {},
      /does not state the annotation __proto__=x/,
      JSON.parse('{"__proto__":"x"}'),
    ],
  ]
  for (const [name, change, reason, required] of cases) {
    test(name, async () => {
      const found = await single('referrer', await bundle(change), required)
      assert.ok(!found.counts)
      assert.match(found.reason, reason)
    })
  }
})
