import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PromotionError } from '../../src/errors.ts'
import { parseKeySource, refuseUnreachableKey } from '../../src/inputs/parse-key-source.ts'

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

test('takes the URI of what only cosign reaches as it is', () => {
  for (const uri of [
    'awskms:///arn:aws:kms:eu-central-1:111122223333:key/1234',
    'gcpkms://projects/p/locations/l/keyRings/r/cryptoKeys/k/versions/1',
    'azurekms://vault.example/key',
    'hashivault://transit-key',
    'k8s://namespace/secret',
    'myplugin://key@2',
    'pkcs11:token=x;object=y?module-path=/usr/lib/p11.so',
    'PKCS11:token=x',
  ]) {
    assert.deepEqual(parseKeySource(uri, 'key', {}), { uri })
  }
})

test('only cosign reaches a key that is a URI', () => {
  for (const [uri, scheme] of [
    ['AWSKMS:///alias/x', 'awskms'],
    ['pkcs11:token=x', 'pkcs11'],
  ] as const) {
    const refuse = () => refuseUnreachableKey({ uri }, 'key', 'native')
    assert.throws(refuse, { message: `\`key\` is a URI of ${scheme}, and \`signer\` is "native"` })
    refuseUnreachableKey({ uri }, 'key', 'cosign')
  }
  for (const path of ['keys/pkcs11:x', 'C:\\keys\\cosign.key']) {
    refuseUnreachableKey(parseKeySource(path, 'key', {}), 'key', 'native')
  }
})

test('takes no key from the network or from an image', () => {
  for (const scheme of ['http', 'https', 'ftp', 'file', 'oci', 'docker']) {
    const { message } = thrown(`${scheme}://example.com/cosign.pub`)
    assert.equal(message, `\`key\` is a URI of ${scheme}, from where no key is taken`)
  }
})

test('refuses a PIN or a password in a URI without quoting it', () => {
  for (const uri of [
    'pkcs11:token=x?module-path=/p11.so&pin-value=1234',
    'pkcs11:token=x?PIN-VALUE=1234',
    'hashivault://user:1234@vault.example/key',
  ]) {
    const { message, hint } = thrown(uri)
    assert.match(message, /that holds a PIN or a password$/)
    assert.doesNotMatch(`${message} ${hint}`, /1234/)
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
