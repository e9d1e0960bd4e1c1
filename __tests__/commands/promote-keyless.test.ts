import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { buildImage } from '../builders/build-image.ts'
import { PromotionScene, SOURCE_PATH, writesTo } from '../builders/promotion-scene.ts'
import { type PrivateSigstore, startPrivateSigstore } from '../fakes/sigstore/private-sigstore.ts'

const WORKFLOW = 'https://github.com/acme/app/.github/workflows/release.yml@refs/heads/main'
const KEYLESS = {
  sign: 'keyless',
  'public-key': '',
  'signing-config': 'signing_config.json',
  'trusted-root': 'trusted_root.json',
}

describe('a run that signs keyless', () => {
  let sigstore: PrivateSigstore
  before(async () => {
    sigstore = await startPrivateSigstore()
  })
  after(() => sigstore.close())

  /** A scene with two images that nobody has signed, and the files of the private Sigstore. */
  async function unsigned() {
    const scene = await PromotionScene.start()
    const images = ['one', 'two'].map((seed) => buildImage({ seed }))
    for (const image of images) image.putInto(scene.source.store, SOURCE_PATH)
    await scene.list(...images.map(({ digest }) => ({ image: scene.reference(digest) })))
    await scene.write('trusted_root.json', sigstore.trustedRoot)
    await scene.write('signing_config.json', sigstore.signingConfig({ rekor: 1, timestamp: true }))
    return scene
  }

  function inputs(scene: PromotionScene) {
    return {
      ...KEYLESS,
      to: `${scene.target.host}/prod/{name}`,
      tags: '',
      'signing-config': scene.path('signing_config.json'),
      'trusted-root': scene.path('trusted_root.json'),
    }
  }

  function job() {
    const { url, token } = sigstore.actionsRequest
    return {
      environment: { ACTIONS_ID_TOKEN_REQUEST_URL: url, ACTIONS_ID_TOKEN_REQUEST_TOKEN: token },
    }
  }

  const certificates = () => sigstore.requests.filter(({ path }) => path.includes('signingCert')).length

  test('is its own policy, takes one certificate, and says who signed', async () => {
    await using scene = await unsigned()
    const earlier = certificates()
    const { exitCode, result } = await scene.run(inputs(scene), job())
    assert.deepEqual([exitCode, result.errors], [0, []])
    assert.equal(certificates() - earlier, 1)
    assert.deepEqual(result.policy?.by, 'certificate')
    for (const { signed, targets } of result.images) {
      assert.deepEqual(signed, ['bundle', 'tag'])
      const signatures = targets[0]?.signatures ?? []
      assert.equal(signatures.length, 2)
      for (const { counts, reason } of signatures) {
        assert.ok(counts, reason)
        assert.ok(reason.includes(WORKFLOW) && reason.includes(sigstore.issuer), reason)
      }
    }
  })

  test('signs and sends nothing the second time', async () => {
    await using scene = await unsigned()
    await scene.run(inputs(scene), job())
    const registries = [scene.source, scene.target]
    const before = registries.map((registry) => writesTo(registry).length)
    const { exitCode, result } = await scene.run(inputs(scene), job())
    assert.deepEqual([exitCode, result.totals.signed], [0, 0])
    assert.deepEqual(
      registries.map((registry) => writesTo(registry).length),
      before,
    )
  })

  test('passes a policy of the identity and issuer in its certificate', async () => {
    await using scene = await unsigned()
    const policy = {
      'certificate-identity': WORKFLOW,
      'certificate-oidc-issuer': sigstore.issuer,
      'certificate-github-workflow-repository': 'acme/app',
    }
    const { exitCode, result } = await scene.run({ ...inputs(scene), ...policy }, job())
    assert.deepEqual([exitCode, result.errors], [0, []])
  })

  test('is refused before it signs where the policy has an expression that it merely matches', async () => {
    await using scene = await unsigned()
    const policy = {
      'certificate-identity-regexp': 'https://github.com/acme/.*',
      'certificate-oidc-issuer': sigstore.issuer,
    }
    const { exitCode, result } = await scene.run({ ...inputs(scene), ...policy }, job())
    assert.equal(exitCode, 5)
    assert.equal(result.totals.signed, 0)
  })

  test('is refused before it signs where the policy wants somebody else', async () => {
    await using scene = await unsigned()
    const policy = {
      'certificate-identity': `${WORKFLOW}x`,
      'certificate-oidc-issuer': sigstore.issuer,
    }
    const { exitCode, result } = await scene.run({ ...inputs(scene), ...policy }, job())
    assert.equal(exitCode, 5)
    assert.equal(result.totals.signed, 0)
    assert.deepEqual([scene.source, scene.target].flatMap(writesTo), [])
  })

  test('without the permission says which lines to add, and asks no registry', async () => {
    await using scene = await unsigned()
    const { exitCode, result } = await scene.run(inputs(scene), { environment: { GITHUB_ACTIONS: 'true' } })
    assert.equal(exitCode, 3)
    assert.match(result.errors[0]?.hint ?? '', /permissions: \{ contents: read, id-token: write \}/)
    assert.deepEqual([scene.source.requests, scene.target.requests], [[], []])
  })

  test('by a token that was given needs no runner', async () => {
    await using scene = await unsigned()
    const given = { ...inputs(scene), 'identity-token': sigstore.token() }
    const { exitCode, result } = await scene.run(given)
    assert.deepEqual([exitCode, result.errors], [0, []])
  })

  test('does nothing in a pull request of a fork', async () => {
    await using scene = await unsigned()
    const event = await scene.write(
      'event.json',
      '{"pull_request":{"head":{"repo":{"full_name":"mallory/app"}},"base":{"repo":{"full_name":"acme/app"}}}}',
    )
    const environment = { ...job().environment, GITHUB_EVENT_NAME: 'pull_request', GITHUB_EVENT_PATH: event }
    const refused = await scene.run(inputs(scene), { environment })
    assert.equal(refused.exitCode, 3)
    assert.match(refused.result.errors[0]?.message ?? '', /mallory\/app/)
    const allowed = { ...inputs(scene), 'allow-untrusted-trigger': 'true' }
    assert.equal((await scene.run(allowed, { environment })).exitCode, 0)
  })
})
