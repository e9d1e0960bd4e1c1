import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { PolicyInWords } from '../../src/inputs/policy-in-words.ts'
import { containersPolicy } from '../../src/report/containers-policy.ts'
import type { ImageResult } from '../../src/report/run-result.ts'
import { promotedImage } from '../builders/promoted-image.ts'

const KEY: PolicyInWords = { by: 'key', publicKey: 'PEM', requireAnnotations: {} }
const match = (text: string) => ({ text, kind: 'exact' }) as const
const PERSON: PolicyInWords = {
  by: 'certificate',
  identity: match('release@acme.example'),
  issuer: match('https://issuer.example'),
  transparency: 'rekor',
  requireAnnotations: {},
}

/** What is demanded, by repository. */
function demands(images: readonly ImageResult[], policy: PolicyInWords) {
  const fragment = containersPolicy(images, policy)
  return fragment && 'transports' in fragment ? fragment.transports.docker : undefined
}

/** What is demanded of the name in signatures, by repository. */
function identities(...images: readonly ImageResult[]) {
  const docker = demands(images, KEY)
  return docker && Object.entries(docker).map(([place, [one]]) => [place, one?.signedIdentity])
}

/** Who has to have signed. */
function requirement(policy: PolicyInWords) {
  const image = promotedImage('prod.example/app', ['prod.example/app'])
  return demands([image], policy)?.['prod.example/app']
}

describe('the name in a signature', () => {
  test('is that of the place where the image was signed', () => {
    const exact = { type: 'exactRepository', dockerRepository: 'dev.example:5000/team/app' }
    assert.deepEqual(identities(promotedImage('prod.example/app', ['dev.example:5000/team/app'])), [
      ['prod.example/app', exact],
    ])
  })

  test('is that of the repository itself where it was signed for it, whatever else it was signed for', () => {
    const image = promotedImage('prod.example/app', ['dev.example/app', 'prod.example/app'])
    assert.deepEqual(identities(image), [['prod.example/app', { type: 'matchRepository' }]])
  })

  test('is one that all images of a repository have', () => {
    const one = promotedImage('prod.example/app', ['old.example/app', 'dev.example/app'])
    const other = promotedImage('prod.example/app', ['dev.example/app'])
    const exact = { type: 'exactRepository', dockerRepository: 'dev.example/app' }
    assert.deepEqual(identities(one, other), [['prod.example/app', exact]])
  })

  test('cannot be demanded where the images of a repository have none in common: a part would pass for the whole', () => {
    const one = promotedImage('prod.example/all', ['dev.example/one'])
    const other = promotedImage('prod.example/all', ['dev.example/two'])
    const images = [one, other, promotedImage('prod.example/app', ['dev.example/app'])]
    assert.deepEqual(containersPolicy(images, KEY), { manyNames: 'prod.example/all' })
  })

  test('is without the tag that others sign with, and Docker Hub’s as podman writes it', () => {
    const image = promotedImage('index.docker.io/acme/app', ['index.docker.io/library/app:v1.2'])
    const exact = { type: 'exactRepository', dockerRepository: 'docker.io/library/app' }
    assert.deepEqual(identities(image), [['docker.io/acme/app', exact]])
  })

  test('is not read by podman beside a timestamp that is no number', () => {
    const stamped = (timestamp: string) => {
      const image = promotedImage('prod.example/app', ['dev.example/app'])
      const targets = image.targets.map((target) => ({
        ...target,
        signatures: target.signatures.map((signature) => ({ ...signature, annotations: { timestamp } })),
      }))
      return identities({ ...image, targets })
    }
    assert.equal(stamped('2026-01-02'), undefined)
    assert.equal(stamped('1700000000')?.length, 1)
  })

  test('is not believed where it is no name, and of a signature that does not count', () => {
    for (const name of ['', 'app', '"], "x": ["', 'dev.example/app\nx'])
      assert.equal(identities(promotedImage('prod.example/app', [name])), undefined)
    const image = promotedImage('prod.example/app', ['dev.example/app'])
    const targets = image.targets.map((target) => ({
      ...target,
      signatures: target.signatures.map((signature) => ({ ...signature, counts: false })),
    }))
    assert.equal(containersPolicy([{ ...image, targets }], KEY), undefined)
  })
})

describe('the signer', () => {
  const signedIdentity = { type: 'matchRepository' }

  test('is a key in the policy itself, in base64', () => {
    assert.deepEqual(requirement(KEY), [{ type: 'sigstoreSigned', keyData: 'UEVN', signedIdentity }])
  })

  test('is one whose signatures are in the log, where that was demanded', () => {
    const [one] = requirement({ ...KEY, transparency: 'rekor' }) ?? []
    assert.equal(one?.rekorPublicKeyPath, '/etc/containers/rekor.pub')
  })

  test('is a person with a certificate for an e-mail address', () => {
    const fulcio = {
      caPath: '/etc/containers/fulcio.pem',
      oidcIssuer: 'https://issuer.example',
      subjectEmail: 'release@acme.example',
    }
    const rekorPublicKeyPath = '/etc/containers/rekor.pub'
    const [one] = requirement(PERSON) ?? []
    assert.deepEqual(one, { type: 'sigstoreSigned', fulcio, rekorPublicKeyPath, signedIdentity })
  })

  const { publicKey: _, ...unknown } = KEY
  const { transparency: __, ...unlogged } = PERSON
  for (const [what, policy] of [
    ['nobody', { by: 'nobody', requireAnnotations: {} }],
    ['whoever a policy file says', { by: 'policy', requireAnnotations: {} }],
    ['a key that was not read', unknown],
    ['a workflow', { ...PERSON, identity: match('https://ci.example/acme/release.yml@refs/heads/main') }],
    ['whoever matches an expression', { ...PERSON, identity: { text: '.*@acme', kind: 'expression' } }],
    ['whoever some issuer knows', { ...PERSON, issuer: { text: '.*', kind: 'expression' } }],
    ['a person without an entry in the log', unlogged],
  ] as const) {
    test(`cannot be ${what}`, () => assert.equal(requirement(policy), undefined))
  }
})
