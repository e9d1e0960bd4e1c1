import { describe } from 'node:test'
import { digestOf } from '../../src/oci/digest.ts'
import { exactly } from '../../src/policy/text-match.ts'
import { layerOf, payloadOf } from '../builders/evidenced-signature.ts'
import { askedKey, changedLayer, foreign, refuses, scene, withKey } from './refused-case.ts'

const SIGNATURE = 'dev.cosignproject.cosign/signature'
const CERTIFICATE = 'dev.sigstore.cosign/certificate'
const LOG_ENTRY = 'dev.sigstore.cosign/bundle'
const TIMESTAMP = 'dev.sigstore.cosign/rfc3161timestamp'

const { sigstore, image } = scene
const foreigner = await foreign.keyless()
const stranger = await scene.keyless()
const strangers = (await layerOf(image, stranger, { sigstore, rekor: 1, timestamp: true })).annotations
const { digest } = image

describe('a keyless signature under the .sig tag does not count', () => {
  const annotation = (name: string, value: string) => ({
    annotations: (annotations: Readonly<Record<string, string>>) => ({ ...annotations, [name]: value }),
  })
  const inTime = { transparency: 'none', timestamp: 'required' } as const
  const malformed = /^its log entries are malformed/
  refuses(changedLayer, [
    ['of another identity', {}, /but the identity has to be "x"$/, { identity: exactly('x') }],
    [
      'where a key is asked for',
      {},
      /^it was made with a certificate, and the policy asks for a key$/,
      askedKey,
    ],
    [
      'that a key made',
      { maker: withKey },
      /^it was made with a key, and the policy asks for a certificate$/,
    ],
    [
      'with the certificate of somebody else',
      annotation(CERTIFICATE, stranger.certificate.pem),
      /^the signature is not by the key of its certificate, or what it signs was changed$/,
    ],
    [
      'with a certificate and the chain behind it in one',
      annotation(CERTIFICATE, stranger.certificate.pem + stranger.certificate.chain),
      /^its certificate is not one certificate in PEM$/,
    ],
    [
      'with a certificate of another authority, and the chain to prove it',
      { maker: foreigner },
      /^its certificate is not trusted/,
    ],
    [
      'swapped for that of somebody else',
      annotation(SIGNATURE, strangers[SIGNATURE] ?? ''),
      /^its log entry is not about this signature \(signature mismatch\)$/,
    ],
    [
      'with the log entry of somebody else',
      annotation(LOG_ENTRY, strangers[LOG_ENTRY] ?? ''),
      /^its log entry is not about this signature \(signature mismatch\)$/,
    ],
    [
      'whose log entry names another key',
      { evidence: { rekor: 1, entryOf: withKey } },
      /^its log entry names another key than the one it is signed with$/,
    ],
    ['without a log entry', { evidence: {} }, /^it has no entry in a transparency log/],
    ['with a log entry that is not JSON', annotation(LOG_ENTRY, '{'), malformed],
    [
      'with a log entry of the wrong types',
      annotation(LOG_ENTRY, '{"Payload":{"body":1,"logID":[]}}'),
      malformed,
    ],
    [
      'with the timestamp of somebody else',
      annotation(TIMESTAMP, strangers[TIMESTAMP] ?? ''),
      /^its time is not proven \(timestamp could not be verified\)$/,
      inTime,
    ],
    [
      'with a timestamp that is not JSON',
      annotation(TIMESTAMP, '['),
      /^its timestamps are malformed$/,
      inTime,
    ],
    [
      'over another image',
      { payload: payloadOf(digestOf('x')) },
      /^its signer signed the image "sha256:.+", not this one$/,
    ],
    [
      'over another type of payload',
      { payload: { critical: { image: { 'docker-manifest-digest': digest }, type: 'x' } } },
      /^the signed payload is of the type "x"/,
    ],
    [
      'without a required annotation',
      {},
      /^it does not state the annotation stage=prod$/,
      {},
      { stage: 'prod' },
    ],
  ])
})
