import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PromotionError } from '../../src/errors.ts'
import { parseKeySource } from '../../src/inputs/parse-key-source.ts'

function thrown(text: string): PromotionError {
  try {
    parseKeySource(text, 'key', { EMPTY: '' })
  } catch (error) {
    assert.ok(error instanceof PromotionError)
    assert.equal(error.kind, 'input')
    return error
  }
  return assert.fail(`${text} was taken`)
}

test('takes a path as it is', () => {
  for (const path of ['cosign.key', './keys/my key.pem', '/abs/key', 'C:\\keys\\cosign.key']) {
    assert.deepEqual(parseKeySource(path, 'key', {}), { path })
  }
})

test('reads an environment variable at once', () => {
  const source = parseKeySource('env://MY_KEY', 'key', { MY_KEY: 'the key' })
  assert.ok('variable' in source)
  assert.equal(source.variable, 'MY_KEY')
  assert.equal(source.text.reveal(), 'the key')
  assert.doesNotMatch(JSON.stringify(source), /the key/)
})

test('refuses a variable that is not set, or is empty', () => {
  for (const name of ['MISSING', 'EMPTY', '']) {
    assert.equal(thrown(`env://${name}`).message, `\`key\` is env://${name}, and that variable is not set`)
  }
})

test('says that keys in key management systems are not supported yet', () => {
  const uris = [
    'awskms://x/y',
    'gcpkms://p',
    'azurekms://v',
    'hashivault://k',
    'k8s://ns/s',
    'pkcs11:token=x',
    'https://k',
  ]
  for (const uri of uris) {
    const [scheme] = uri.split(':')
    assert.equal(thrown(uri).message, `\`key\` is a URI of ${scheme}, which is not supported yet`)
  }
})

test('refuses the text of a key without quoting it', () => {
  const pem =
    '-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----\nc2VjcmV0\n-----END ENCRYPTED SIGSTORE PRIVATE KEY-----'
  for (const text of [pem, pem.replaceAll('\n', ' ')]) {
    const { message, hint } = thrown(text)
    assert.doesNotMatch(`${message} ${hint}`, /BEGIN|c2Vj/)
    assert.match(hint ?? '', /env:\/\/NAME/)
  }
})
