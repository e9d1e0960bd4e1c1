import assert from 'node:assert/strict'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import type { ImageTerms } from '../../src/sources/source.ts'
import { ComposeDesk } from '../builders/compose-desk.ts'

/** A service with these lines beside its image; keys are written without what they all begin with. */
function service(context: TestContext, lines: readonly string[], name = 'compose.yaml'): ComposeDesk {
  const text = [
    'services:',
    '  web:',
    '    image: app',
    ...lines.map((line) => `    x-nerdctl-${line}`),
  ].join('\n')
  return new ComposeDesk(context).write({ [name]: `${text}\n` })
}

async function termsOf(context: TestContext, ...lines: readonly string[]): Promise<ImageTerms | undefined> {
  return (await service(context, lines).load()).listed[0]?.terms
}

function refusalsOf(context: TestContext, ...lines: readonly string[]): Promise<readonly string[]> {
  return service(context, lines).refusals()
}

test('leaves what a service does not say to the inputs', async (context) => {
  assert.deepEqual(await termsOf(context), {})
  assert.deepEqual(await termsOf(context, 'sign: none'), { sign: { by: 'nobody' } })
  assert.deepEqual(await termsOf(context, 'verify: ""'), { verify: { by: 'nobody' } })
})

test('signs with a key, and without one keyless', async (context) => {
  assert.deepEqual(await termsOf(context, 'sign: cosign'), { sign: { by: 'keyless' } })
  const keys = ['awskms:///alias/app', 'env://COSIGN_KEY', 'pkcs11:slot-id=1', '/etc/cosign.key']
  for (const key of keys) {
    const terms = await termsOf(context, 'sign: cosign', `cosign-private-key: "${key}"`)
    assert.deepEqual(terms?.sign, { by: 'key', key })
  }
})

test('looks for keys from the folder of the first compose file', async (context) => {
  const desk = service(
    context,
    ['verify: cosign', 'cosign-public-key: ../cosign.pub'],
    'deploy/shop/compose.yaml',
  )
  const { listed } = await desk.load(['deploy/shop/compose.yaml'])
  const publicKey = join(desk.folder, 'deploy/cosign.pub')
  assert.deepEqual(listed[0]?.terms?.verify, { by: 'key', publicKey })
})

test('verifies what certificates must say, in full or by an expression', async (context) => {
  const terms = await termsOf(
    context,
    'verify: cosign',
    'cosign-certificate-identity-regexp: ".*@acme\\\\.example"',
    'cosign-certificate-oidc-issuer: https://accounts.example.com',
  )
  assert.ok(terms?.verify?.by === 'certificate')
  const { identity, issuer } = terms.verify
  assert.deepEqual([identity.kind, identity.text], ['expression', '.*@acme\\.example'])
  assert.deepEqual([issuer.kind, issuer.text], ['exact', 'https://accounts.example.com'])
})

test('does not look at the keys of what is off', async (context) => {
  const terms = await termsOf(
    context,
    'sign: none',
    'cosign-private-key: k',
    'verify: none',
    'cosign-public-key: p',
  )
  assert.deepEqual(terms, { sign: { by: 'nobody' }, verify: { by: 'nobody' } })
})

test('refuses keys and identities that nothing uses', async (context) => {
  assert.deepEqual(await refusalsOf(context, 'cosign-private-key: k', 'cosign-certificate-identity: i'), [
    'compose.yaml:4:5 The service "web": "x-nerdctl-cosign-private-key" says nothing without "x-nerdctl-sign"',
    'compose.yaml:5:5 The service "web": "x-nerdctl-cosign-certificate-identity" says nothing without "x-nerdctl-verify"',
  ])
})

test('refuses tools other than cosign, and says that notation is not done', async (context) => {
  assert.deepEqual(await refusalsOf(context, 'sign: notation', 'verify: cosgin'), [
    'compose.yaml:4:5 The service "web": "x-nerdctl-sign" is notation, and only cosign\'s signatures are made and verified',
    'compose.yaml:5:5 The service "web": "x-nerdctl-verify" is "cosgin", which nerdctl does not know',
  ])
  assert.deepEqual(await refusalsOf(context, `sign: ${'x'.repeat(500)}`), [
    `compose.yaml:4:5 The service "web": "x-nerdctl-sign" is "${'x'.repeat(199)}…, which nerdctl does not know`,
  ])
  assert.deepEqual(await refusalsOf(context, 'sign: 123'), [
    'compose.yaml:4:21 "x-nerdctl-sign" must be text, not the number 123',
  ])
})

test('refuses fields that nerdctl does not know', async (context) => {
  assert.deepEqual(await refusalsOf(context, 'sing: cosign', 'cosign-certificate-issuer: x'), [
    'compose.yaml:4:5 nerdctl knows no "x-nerdctl-sing"',
    'compose.yaml:5:5 nerdctl knows no "x-nerdctl-cosign-certificate-issuer"',
  ])
})

test('refuses verification that says not who, or says it twice', async (context) => {
  const web = 'The service "web": '
  assert.deepEqual(await refusalsOf(context, 'verify: cosign'), [
    `compose.yaml:4:5 ${web}"x-nerdctl-verify" is cosign, and nothing says who must have signed`,
  ])
  assert.deepEqual(
    await refusalsOf(context, 'verify: cosign', 'cosign-public-key: p', 'cosign-certificate-identity: i'),
    [
      `compose.yaml:6:5 ${web}"x-nerdctl-cosign-certificate-identity" and "x-nerdctl-cosign-public-key" are both given`,
    ],
  )
  assert.deepEqual(await refusalsOf(context, 'verify: cosign', 'cosign-certificate-identity-regexp: "("'), [
    'compose.yaml:5:51 `certificate-identity-regexp` is no expression that RE2 reads: error parsing regexp: missing closing ): `(`',
    'compose.yaml:5:51 `certificate-identity-regexp` is given without `certificate-oidc-issuer`',
  ])
})

test('refuses an empty key, with which nerdctl would go keyless', async (context) => {
  const lines = ['sign: cosign', `cosign-private-key: "\${KEY:-}"`, 'verify: cosign', 'cosign-public-key: ""']
  const empty = (line: number, key: string) => `compose.yaml:${line}:5 The service "web": "${key}" is empty`
  assert.deepEqual(await refusalsOf(context, ...lines), [
    empty(7, 'x-nerdctl-cosign-public-key'),
    empty(5, 'x-nerdctl-cosign-private-key'),
  ])
})
