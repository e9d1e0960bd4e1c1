import assert from 'node:assert/strict'
import { test } from 'node:test'
import { keyEnvironment, secretsIn } from '../../src/cosign/key-environment.ts'

const JOB = {
  PATH: '/bin',
  GITHUB_TOKEN: 'token',
  COSIGN_PASSWORD: 'password',
  COSIGN_REPOSITORY: 'elsewhere',
  COSIGN_PKCS11_PIN: '1234',
  AWS_REGION: 'eu-central-1',
  AWS_SECRET_ACCESS_KEY: 'aws',
  AWSOME: 'no',
  GOOGLE_APPLICATION_CREDENTIALS: '/google.json',
  CLOUDSDK_CORE_PROJECT: 'project',
  AZURE_TENANT_ID: 'tenant',
  IDENTITY_HEADER: 'header',
  VAULT_ADDR: 'http://vault',
  VAULT_TOKEN: 'vault',
  KUBECONFIG: '/kube',
  SIGSTORE_KMS_TOKEN: 'plugin',
  SIGSTORE_ID_TOKEN: 'identity',
  UNSET: undefined,
}

for (const [uri, names] of [
  [undefined, []],
  ['awskms:///alias/release', ['AWS_REGION', 'AWS_SECRET_ACCESS_KEY']],
  ['gcpkms://projects/p', ['GOOGLE_APPLICATION_CREDENTIALS', 'CLOUDSDK_CORE_PROJECT']],
  ['azurekms://vault/key', ['AZURE_TENANT_ID', 'IDENTITY_HEADER']],
  ['HashiVault://key', ['VAULT_ADDR', 'VAULT_TOKEN']],
  ['k8s://namespace/key', ['KUBECONFIG']],
  ['pkcs11:token=t;object=o', ['COSIGN_PKCS11_PIN', 'COSIGN_PKCS11_IGNORE_CERTIFICATE']],
  ['my-hsm://key', ['SIGSTORE_KMS_TOKEN']],
  ['constructor://key', ['SIGSTORE_KMS_TOKEN']],
] as const) {
  test(`the key ${uri} is reached with ${names.join(', ') || 'nothing'}`, () => {
    assert.deepEqual(Object.keys(keyEnvironment(uri, JOB)).toSorted(), names.toSorted())
  })
}

test('secrets are known by the names of their variables', () => {
  assert.deepEqual(secretsIn({ VAULT_TOKEN: 'one', AWS_SECRET_ACCESS_KEY: 'two', VAULT_ADDR: 'no' }), [
    'one',
    'two',
  ])
})
