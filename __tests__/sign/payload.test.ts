import assert from 'node:assert/strict'
import { test } from 'node:test'
import { digestOf } from '../../src/oci/digest.ts'
import { formatPayload } from '../../src/sign/payload.ts'

const digest = digestOf('image')
const repository = { registry: 'localhost:5000', path: 'team/app' }

test('writes the payload byte for byte as cosign does', () => {
  assert.equal(
    Buffer.from(formatPayload(digest, repository, { k: 'v', n: '1' })).toString(),
    `{"critical":{"identity":{"docker-reference":"localhost:5000/team/app"},"image":{"docker-manifest-digest":"${digest}"},"type":"cosign container image signature"},"optional":{"k":"v","n":"1"}}`,
  )
})

test('writes null where there are no annotations', () => {
  assert.match(Buffer.from(formatPayload(digest, repository, {})).toString(), /"optional":null}$/)
})
