import assert from 'node:assert/strict'
import { test } from 'node:test'
import { digestOf } from '../../src/oci/digest.ts'
import { maskCredentials } from '../../src/oci/mask-credentials.ts'
import { parseReference } from '../../src/oci/reference.ts'

const DIGEST = digestOf('image')

test('masks a password before a host, whatever it is made of', () => {
  for (const password of ['hunter2', 'p@ss', 'a:b', 'a/b', '5000', '5000/x', 'a b\nc', `x@${DIGEST}`]) {
    for (const rest of ['r.example/app', 'r.example:5000/app:v1', `r.example/app@${DIGEST}`]) {
      assert.equal(maskCredentials(`bob:${password}@${rest}`), `bob:***@${rest}`)
      assert.equal(maskCredentials(`https://bob:${password}@${rest}`), `https://bob:***@${rest}`)
    }
  }
  assert.equal(maskCredentials('bob:hunter2@r.example'), 'bob:***@r.example')
  assert.equal(maskCredentials(':hunter2@r.example/app'), ':***@r.example/app')
})

test('leaves references as they are, the malformed ones too', () => {
  for (const text of [
    'nginx:1.27',
    `nginx:1.27@${DIGEST}`,
    `r.example:5000/app:v1@${DIGEST}`,
    'r.example:5000/app@v1',
    `[::1]:5000/app@${DIGEST}`,
    'https://r.example/app',
    'r.example/app:v1@sha256:abc',
  ]) {
    assert.equal(maskCredentials(text), text)
  }
})

test('a reference with a password is refused without it', () => {
  for (const text of [
    'bob:hunter2@r.example/app',
    `bob:hunter2!@r.example/app@${DIGEST}`,
    'https://bob:hunter2@h/a',
  ]) {
    assert.throws(
      () => parseReference(text),
      ({ message, hint }: { message: string; hint: string }) => {
        assert.ok(message.includes('bob:***@'))
        assert.ok(!`${message} ${hint}`.includes('hunter2'))
        assert.match(hint, /`registries` or SIGNED_PROMOTE_REGISTRIES/)
        return true
      },
    )
  }
})
