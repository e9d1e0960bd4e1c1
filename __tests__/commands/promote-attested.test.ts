import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { isJsonObject } from '../../src/oci/descriptor.ts'
import { parseManifest } from '../../src/oci/manifest.ts'
import { VERIFICATION_SUMMARY } from '../../src/oci/verification-summary.ts'
import { buildKeys } from '../builders/build-keys.ts'
import { PromotionScene, TARGET_PATH, writesTo } from '../builders/promotion-scene.ts'

const FACTS = {
  GITHUB_SERVER_URL: 'https://git.example',
  GITHUB_REPOSITORY: 'acme/app',
  GITHUB_RUN_ID: '7',
}

/** A promotion of images signed by the scene's key, attested to by another one. */
async function scene(...targets: Parameters<typeof PromotionScene.start>) {
  const promotion = await PromotionScene.start(...targets)
  const keys = buildKeys()
  await promotion.write('promoter.key', keys.privatePem)
  await promotion.write('promoter.pub', keys.publicPem)
  const attested = { 'attest-promotion': 'key', key: promotion.path('promoter.key') }
  return { promotion, attested }
}

/** The predicates of the verification summaries at the target. */
function summariesAt({ target, sample }: PromotionScene): readonly unknown[] {
  const { manifests, blobs } = target.store.repository(TARGET_PATH)
  return [...manifests.values()].flatMap(({ bytes, mediaType }) => {
    const manifest = parseManifest(bytes, mediaType, 'the target')
    if (manifest.kind !== 'image' || manifest.subject?.digest !== sample.image.digest) return []
    const blob = blobs.get(manifest.layers[0]?.digest ?? '')
    if (blob === undefined || !manifest.layers[0]?.mediaType.includes('sigstore.bundle')) return []
    const { dsseEnvelope } = JSON.parse(Buffer.from(blob).toString()) as { dsseEnvelope: { payload: string } }
    const statement: unknown = JSON.parse(Buffer.from(dsseEnvelope.payload, 'base64').toString())
    assert.ok(isJsonObject(statement))
    return statement.predicateType === VERIFICATION_SUMMARY ? [statement.predicate] : []
  })
}

for (const [name, switches] of [
  ['with the referrers API', {}],
  ['without it', { referrersApi: false }],
] as const) {
  describe(`a promotion that is attested to, at a registry ${name}`, () => {
    test('leaves a summary of it on the image before any tag moves', async () => {
      const { promotion, attested } = await scene({}, [switches])
      await using _ = promotion
      const { exitCode, result, reporter } = await promotion.run(attested, { environment: FACTS })
      assert.deepEqual([exitCode, result.errors], [0, []])
      assert.deepEqual(reporter.steps.slice(-3), [
        'Verify at the targets',
        'Attest to the promotion',
        'Move the tags',
      ])
      const [predicate, ...others] = summariesAt(promotion)
      assert.equal(others.length, 0)
      assert.ok(isJsonObject(predicate))
      assert.equal(predicate.verificationResult, 'PASSED')
      assert.equal(predicate.signedPromote_source, `oci://${promotion.reference()}`)
      assert.equal(predicate.signedPromote_run, 'https://git.example/acme/app/actions/runs/7')
      assert.equal(result.images[0]?.targets[0]?.attested, 'made')
      assert.equal(result.totals.attested, 1)
    })

    test('is free the second time, even in another run of the workflow', async () => {
      const { promotion, attested } = await scene({}, [switches])
      await using _ = promotion
      await promotion.run(attested, { environment: FACTS })
      const writes = writesTo(promotion.target).length
      const environment = { ...FACTS, GITHUB_RUN_ID: '8' }
      const planned = await promotion.run({ ...attested, command: 'plan' }, { environment })
      const { exitCode, result } = await promotion.run(attested, { environment })
      assert.deepEqual([exitCode, planned.exitCode, result.errors], [0, 0, []])
      assert.equal(result.images[0]?.targets[0]?.attested, 'present')
      assert.equal(writesTo(promotion.target).length, writes)
    })
  })
}

describe('a promotion that is attested to', () => {
  test('says so in its plan', async () => {
    const { promotion, attested } = await scene()
    await using _ = promotion
    await promotion.run()
    const { exitCode, reporter } = await promotion.run({ ...attested, command: 'plan' })
    assert.equal(exitCode, 2)
    assert.ok(reporter.infos.some((line) => line.startsWith('1 statement about')))
    assert.deepEqual(summariesAt(promotion), [])
  })

  test('is what the next stage can demand, by whom it must have been', async () => {
    const { promotion, attested } = await scene()
    await using _ = promotion
    const image = `${promotion.target.host}/${TARGET_PATH}@${promotion.sample.image.digest}`
    const policy = await promotion.write(
      'policy.yml',
      `version: 1
signers:
  dev: { public-key: cosign.pub }
  promoter: { public-key: promoter.pub }
rules:
  - repository: '**'
    signed-by: dev
    attestations: [{ predicate-type: ${VERIFICATION_SUMMARY}, signed-by: promoter }]
`,
    )
    const demand = { images: image, lock: '', 'public-key': '', policy }
    await promotion.run()
    const before = await promotion.runInPlace('verify', demand)
    assert.equal(before.exitCode, 5)
    assert.match(before.result.errors[0]?.message ?? '', /verification_summary/)
    await promotion.run(attested)
    const after = await promotion.runInPlace('verify', demand)
    assert.deepEqual([after.exitCode, after.result.errors], [0, []])
  })

  test('is made again for another target tag, since that is another plan', async () => {
    const { promotion, attested } = await scene()
    await using _ = promotion
    await promotion.run(attested)
    await promotion.run({ ...attested, tags: 'v2' })
    assert.equal(summariesAt(promotion).length, 2)
  })

  test('is not made about images that nobody had to sign', async () => {
    const { promotion, attested } = await scene()
    await using _ = promotion
    const rules = "version: 1\nrules: [{ repository: '**', signed-by: nobody }]\n"
    const policy = await promotion.write('nobody.yml', rules)
    const { exitCode, result } = await promotion.run({ ...attested, 'public-key': '', policy })
    assert.deepEqual([exitCode, result.images[0]?.targets[0]?.attested], [0, 'none'])
    assert.deepEqual(summariesAt(promotion), [])
    assert.equal(
      (await promotion.run({ ...attested, 'public-key': '', policy, command: 'plan' })).exitCode,
      0,
    )
  })

  test('is not made where nothing was verified', async () => {
    const { promotion, attested } = await scene()
    await using _ = promotion
    const { exitCode } = await promotion.run({ ...attested, 'public-key': '', verify: 'none' })
    assert.equal(exitCode, 3)
  })

  test('moves no tag when a registry refuses the statement', async () => {
    const { promotion, attested } = await scene()
    await using _ = promotion
    const { exitCode, result } = await promotion.run(attested, {
      onStep: (name) => {
        if (name !== 'Attest to the promotion') return
        promotion.target.fault(({ method }) => method === 'PUT', 99, { status: 403 })
      },
    })
    assert.equal(exitCode, 4)
    assert.equal(result.images[0]?.targets[0]?.attested, 'failed')
    assert.equal(promotion.tagAt(promotion.target, 'v1'), undefined)
  })
})
