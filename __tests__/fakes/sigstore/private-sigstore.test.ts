import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { type PrivateSigstore, startPrivateSigstore } from './private-sigstore.ts'
import { signBundle } from './sign-bundle.ts'
import { verifyBundle } from './verify-bundle.ts'

const WORKFLOW = 'https://github.com/acme/app/.github/workflows/release.yml@refs/heads/main'

describe('the private Sigstore', () => {
  let sigstore: PrivateSigstore
  let other: PrivateSigstore

  before(async () => {
    ;[sigstore, other] = await Promise.all([startPrivateSigstore(), startPrivateSigstore()])
  })

  after(() => Promise.all([sigstore.close(), other.close()]))

  test('signs and verifies with the libraries of Sigstore, with Rekor v1', async () => {
    const bundle = await signBundle(sigstore, { rekor: true })
    assert.equal(verifyBundle(bundle, sigstore.trustedRoot), WORKFLOW)
    assert.throws(() => verifyBundle(bundle, other.trustedRoot))
  })

  test('signs and verifies with a timestamp instead of a log', async () => {
    const bundle = await signBundle(sigstore, { timestamp: true })
    assert.equal(verifyBundle(bundle, sigstore.trustedRoot, { tlogThreshold: 0 }), WORKFLOW)
    assert.throws(() => verifyBundle(bundle, other.trustedRoot, { tlogThreshold: 0 }))
    assert.throws(() => verifyBundle(bundle, sigstore.trustedRoot))
  })

  test('counts what was asked of each service', async () => {
    const before = sigstore.requests.length
    await signBundle(sigstore, { rekor: true, timestamp: true })
    assert.deepEqual(sigstore.requests.slice(before), [
      { method: 'POST', path: '/fulcio/api/v2/signingCert', status: 200 },
      { method: 'POST', path: '/rekor/api/v1/log/entries', status: 201 },
      { method: 'POST', path: '/timestamp/api/v1/timestamp', status: 201 },
    ])
  })

  test('refuses when it is told to, and repeats what it was sent', async () => {
    sigstore.refuse.rekor = 418
    const request = { method: 'POST', headers: { authorization: 'Bearer secret' }, body: '{"also":"secret"}' }
    const refused = await fetch(`${sigstore.rekorUrl}/api/v1/log/entries`, request)
    assert.equal(refused.status, 418)
    assert.equal(await refused.text(), 'refused: Bearer secret {"also":"secret"}')
    delete sigstore.refuse.rekor
    assert.equal((await fetch(`${sigstore.rekorUrl}/api/v1/log/entries`, request)).status, 400)
  })

  test('names in its signing config what was asked for', () => {
    const { caUrls, oidcUrls, rekorTlogUrls, tsaUrls } = JSON.parse(
      sigstore.signingConfig({ rekor: 2, timestamp: true }),
    )
    assert.deepEqual(
      [caUrls, oidcUrls, rekorTlogUrls, tsaUrls].map(([service]) => [service.url, service.majorApiVersion]),
      [
        [sigstore.fulcioUrl, 1],
        [sigstore.issuer, 1],
        [sigstore.rekorV2Url, 2],
        [sigstore.timestampUrl, 1],
      ],
    )
    const bare = JSON.parse(sigstore.signingConfig({}))
    assert.deepEqual([bare.rekorTlogUrls ?? [], bare.tsaUrls ?? []], [[], []])
  })
})
