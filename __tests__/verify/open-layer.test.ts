import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Annotations, JsonObject } from '../../src/oci/descriptor.ts'
import { digestOf } from '../../src/oci/digest.ts'
import { makeIndexManifest } from '../../src/oci/manifest.ts'
import { MEDIA_TYPES } from '../../src/oci/media-types.ts'
import {
  type LayerChange,
  layer,
  type Payload,
  signatures,
  single,
  theirs,
} from '../builders/changed-signature.ts'

describe('a signature under the .sig tag does not count', () => {
  const critical = (change: JsonObject) => (json: Payload) => ({
    ...json,
    critical: { ...json.critical, ...change },
  })
  const cases: readonly [string, LayerChange, RegExp, Annotations?][] = [
    ['by another key', { keys: theirs }, /not by the key of the policy/],
    [
      'over a payload that was changed',
      { afterSigning: (text) => text.replace('prod', 'test') },
      /what it signs was changed/,
    ],
    [
      'with spaces added behind its payload',
      { afterSigning: (text) => `${text} ` },
      /what it signs was changed/,
    ],
    ['that is random', { signature: Buffer.from('random').toString('base64') }, /not by the key/],
    ['that is not base64', { signature: '%%%' }, /malformed in content\.messageSignature\.signature/],
    ['that is missing', { signature: '' }, /carries no signature/],
    [
      'over another image',
      { payload: critical({ image: { 'docker-manifest-digest': digestOf('x') } }) },
      /signed the image "sha256:[0-9a-f]+", not this/,
    ],
    ['over no image', { payload: critical({ image: {} }) }, /signed the image nothing, not this/],
    [
      'over an image that is text',
      { payload: critical({ image: 'x' }) },
      /signed the image nothing, not this/,
    ],
    [
      'of another type',
      { payload: critical({ type: 'atomic container signature' }) },
      /of the type "atomic container signature"/,
    ],
    ['of no type', { payload: critical({ type: undefined }) }, /of the type nothing/],
    ['without a critical part', { payload: () => ({ optional: {} }) }, /no critical part/],
    ['over what is not JSON', { raw: '{"critical":' }, /not a JSON object/],
    ['over a list', { raw: '[]' }, /not a JSON object/],
    ['over bytes that are no text', { raw: '\u0000' }, /not a JSON object/],
    ['that is an attestation', { mediaType: MEDIA_TYPES.dsseEnvelope }, /an attestation, not a signature/],
    [
      'of an unknown media type',
      { mediaType: 'text/plain\n::error::x' },
      /of the type "text\/plain\\n::error::x"/,
    ],
    [
      'with a certificate',
      { annotations: { 'dev.sigstore.cosign/certificate': 'PEM' } },
      /with a certificate/,
    ],
    ['that is huge', { size: 2 ** 40 }, /has 1099511627776 bytes/],
    ['without a required annotation', {}, /does not state the annotation team=x/, { team: 'x' }],
    ['with another value of it', {}, /states stage="prod" instead of stage="test"/, { stage: 'test' }],
    [
      'with an annotation of every object',
      {},
      /does not state the annotation constructor=x/,
      { constructor: 'x' },
    ],
    [
      'whose annotations are a text',
      { payload: (json) => ({ ...json, optional: 'stage=prod' }) },
      /does not state/,
      { stage: 'prod' },
    ],
    [
      'whose annotation is an object',
      { payload: (json) => ({ ...json, optional: { stage: { prod: 1 } } }) },
      /does not state/,
      { stage: '[object Object]' },
    ],
  ]
  for (const [name, change, reason, required] of cases) {
    test(name, async () => {
      const found = await single('sig', await signatures(await layer(change)), required)
      assert.ok(!found.counts)
      assert.match(found.reason, reason)
    })
  }

  test('when the tag points at an index', async () => {
    const found = await single('sig', makeIndexManifest([]))
    assert.match(found.reason, /an index stands under the \.sig tag/)
  })

  test('among more than a thousand, and no blob is read', async () => {
    const good = await layer()
    const { counts, reason } = await single(
      'sig',
      await signatures(...Array.from({ length: 1001 }, () => good)),
    )
    assert.ok(!counts)
    assert.match(reason, /1001 layers, more than the 1000/)
  })
})
