import assert from 'node:assert/strict'
import { test } from 'node:test'
import { InputReader } from '../../src/inputs/input-reader.ts'
import { parseRegistrySettings } from '../../src/inputs/parse-registry-settings.ts'
import { secretsOf } from '../../src/inputs/secrets-of.ts'

test('every password that is used is masked as it is used, blanks included, alone and in its Basic form', () => {
  const raw = new Map([['registries', 'r.example bot  a  b \nq.example/team me p:w']])
  const secrets = secretsOf(raw)
  const { credentials } = parseRegistrySettings(new InputReader(raw))
  assert.equal(credentials.length, 2)
  for (const { username, password } of credentials) {
    const basic = Buffer.from(`${username}:${password.reveal()}`).toString('base64')
    assert.ok(secrets.includes(password.reveal()))
    assert.ok(secrets.includes(basic))
  }
})

test('a line that is refused is masked all the same', () => {
  assert.ok(secretsOf(new Map([['registries', 'r.example a:b secret']])).includes('secret'))
})

test('the password of the key is masked as a whole and by its lines, and what is no secret is not', () => {
  const raw = new Map([
    ['key-password', 'one\ntwo'],
    ['to', 'r.example/prod'],
  ])
  assert.deepEqual(secretsOf(raw), ['one\ntwo', 'one', 'two'])
})

test('the identity token is masked', () => {
  assert.ok(secretsOf(new Map([['identity-token', 'e30.e30.c2ln']])).includes('e30.e30.c2ln'))
})
