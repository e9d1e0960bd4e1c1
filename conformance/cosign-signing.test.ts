import assert from 'node:assert/strict'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { PLUGIN_KEY, PLUGIN_URI } from '../__tests__/builders/kms-plugin.ts'
import { findSecrets } from '../__tests__/security/find-secrets.ts'
import { remotePublicKey } from '../src/cosign/remote-public-key.ts'
import { PromotionError } from '../src/errors.ts'
import { Secret } from '../src/inputs/secret.ts'
import { formatReference } from '../src/oci/reference.ts'
import { signedBy } from '../src/policy/make-demand.ts'
import type { SignedDemand } from '../src/policy/policy.ts'
import { parsePublicKey } from '../src/policy/public-key.ts'
import { CosignAttester } from '../src/sign/cosign-attester.ts'
import type { CosignKey } from '../src/sign/cosign-signing.ts'
import { planWitnesses } from '../src/sign/witness-plan.ts'
import { parseSigningConfig } from '../src/sigstore/parse-signing-config.ts'
import type { SignatureForm } from '../src/verify/verifier.ts'
import { CosignBench } from './cosign-bench.ts'
import { missingTools, toolPath } from './tools.ts'

const BOTH: readonly SignatureForm[] = ['bundle', 'tag']
const CLAIM = { predicateType: 'https://example.com/promoted/v1', predicate: { stage: 'prod' } }

describe('signing through the real cosign', { skip: missingTools('cosign', 'registry') }, () => {
  let bench: CosignBench

  before(async () => {
    bench = await CosignBench.open()
  })

  after(() => bench?.[Symbol.asyncDispose]())

  function witnesses(
    by: 'key' | 'keyless',
    {
      rekor,
      timestamp,
      forms,
    }: { readonly rekor?: 1 | 2; readonly timestamp?: true; readonly forms: readonly SignatureForm[] },
  ) {
    const choice = { ...(rekor && { rekor }), ...(timestamp && { timestamp }) }
    const services = parseSigningConfig(bench.sigstore.signingConfig(choice), 'the test', new Date())
    const transparency = rekor === undefined ? 'none' : 'rekor'
    return planWitnesses({ by, transparency, forms }, services)
  }

  function remoteKey(): CosignKey {
    return { ...bench.key, key: { uri: PLUGIN_URI }, password: new Secret('') }
  }

  test('a key that only a plugin of cosign reaches signs, attests and verifies', async () => {
    const image = await bench.push('kms')
    const pem = await remotePublicKey(toolPath('cosign'), PLUGIN_URI, bench.environment)
    const publicKey = parsePublicKey(pem, PLUGIN_URI)
    assert.ok(publicKey.equals(bench.keys.publicKey))
    const credential = { ...remoteKey(), publicKey }
    const signer = bench.signer({ credential })
    assert.deepEqual(await bench.sign(signer, image), BOTH)
    const attester = new CosignAttester(bench.signing({ credential }))
    const { repository, digest } = image
    const target = bench.registries.target(repository)
    const manifest = await target.fetchManifest(digest)
    assert.ok(manifest)
    await attester.attest(manifest.descriptor, CLAIM, target)
    const by = { of: 'any', signers: [await attester.identity()] } as const
    const demand: SignedDemand = {
      ...signedBy(await signer.identity(), { stage: 'prod' }),
      attestations: [{ predicateType: CLAIM.predicateType, by }],
    }
    for (const verifier of [bench.native, bench.cosign]) {
      assert.deepEqual((await bench.verdict(verifier, image, demand)).lacking, [])
    }
  })

  test('a key keeper that refuses is quoted without the secrets that it was given', async () => {
    const image = await bench.push('kms-locked')
    const token = 'a-token-of-the-keeper'
    const change = { [PLUGIN_KEY]: undefined, SIGSTORE_KMS_TOKEN: token }
    const signer = bench.signer({ credential: remoteKey(), cosign: bench.programWith(change) })
    await assert.rejects(
      () => bench.sign(signer, image),
      (error) => {
        assert.ok(error instanceof PromotionError && error.kind === 'signing')
        assert.match(error.message, /locked: token \*\*\* opens nothing/)
        assert.deepEqual(findSecrets({ message: error.message }, [{ name: 'token', value: token }]), [])
        return true
      },
    )
  })

  for (const refused of ['fulcio', 'rekor', 'timestamp'] as const) {
    test(`a refusal of ${refused} that repeats what it was sent shows no token`, async (context) => {
      const image = await bench.push(`refused-${refused}`)
      const token = bench.sigstore.token()
      const credential = { ...bench.identity, token: async () => ({ text: token, subject: '' }) }
      const choice = { rekor: 1, timestamp: true, forms: BOTH } as const
      const signer = bench.signer({ credential, witnesses: witnesses('keyless', choice) })
      bench.sigstore.refuse[refused] = 403
      context.after(() => {
        delete bench.sigstore.refuse[refused]
      })
      await assert.rejects(
        () => bench.sign(signer, image),
        (error) => {
          assert.ok(error instanceof PromotionError && error.kind === 'signing')
          assert.ok(error.message.startsWith(`${formatReference(image)}: cosign sign ended with exit code 1`))
          assert.deepEqual(findSecrets({ message: error.message }, [{ name: 'token', value: token }]), [])
          return true
        },
      )
    })
  }

  test('an empty token is an error before cosign could ask a person', async () => {
    const image = await bench.push('no-token')
    const credential = { ...bench.identity, token: async () => ({ text: '', subject: '' }) }
    const choice = { rekor: 1, forms: BOTH } as const
    const signer = bench.signer({ credential, witnesses: witnesses('keyless', choice) })
    await assert.rejects(() => bench.sign(signer, image), /The identity token to sign with is empty/)
  })

  test('no file of all this stays', async () => {
    assert.deepEqual(await readdir(join(bench.folder, 'temp')), [])
  })
})
