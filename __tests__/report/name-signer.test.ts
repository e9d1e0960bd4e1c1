import assert from 'node:assert/strict'
import { test } from 'node:test'
import { forEveryImage, keySigner, signedBy } from '../../src/policy/make-demand.ts'
import { exactly } from '../../src/policy/text-match.ts'
import { nameSigner } from '../../src/report/name-signer.ts'
import { buildKeys } from '../builders/build-keys.ts'

const policy = forEveryImage(
  signedBy({
    by: 'certificate',
    name: undefined,
    identity: exactly('https://ci.example/release'),
    issuer: exactly('https://ci.example'),
    workflow: { repository: 'acme/app' },
    transparency: 'rekor',
    timestamp: 'none',
  }),
)
const match = (text: string) => ({ text, kind: 'exact' }) as const

test('the run’s own signer is named once its certificate says who it is', () => {
  const words = { by: 'certificate', requireAnnotations: {} } as const
  assert.deepEqual(nameSigner(words, policy), {
    ...words,
    identity: match('https://ci.example/release'),
    issuer: match('https://ci.example'),
    workflow: { repository: 'acme/app' },
    transparency: 'rekor',
  })
})

test('a key stands there itself, however the inputs name it', () => {
  const { publicKey, publicPem } = buildKeys()
  const words = { by: 'key', key: 'env://PUBLIC_KEY', requireAnnotations: {} } as const
  const named = nameSigner(words, forEveryImage(signedBy(keySigner(publicKey))))
  assert.deepEqual(named, { ...words, publicKey: publicPem })
})

test('whoever the inputs name stays', () => {
  const identity = { text: '.*', kind: 'expression' } as const
  for (const words of [
    { by: 'certificate', identity, issuer: match('x'), requireAnnotations: {} },
    { by: 'key', requireAnnotations: {} },
    { by: 'policy', file: 'policy.yml', requireAnnotations: {} },
  ] as const) {
    assert.deepEqual(nameSigner(words, policy), words)
  }
})
