import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { buildKeys } from '../__tests__/builders/build-keys.ts'
import { encryptCosignKey } from '../__tests__/builders/encrypt-cosign-key.ts'
import { formatReference, type PinnedReference } from '../src/oci/reference.ts'
import { keySigner, signedBy } from '../src/policy/make-demand.ts'
import type { SignedDemand } from '../src/policy/policy.ts'
import { exactly, expression } from '../src/policy/text-match.ts'
import type { CertificateSigner, TrustedSigner } from '../src/policy/trusted-signer.ts'
import { planWitnesses } from '../src/sign/witness-plan.ts'
import { parseSigningConfig } from '../src/sigstore/parse-signing-config.ts'
import type { SignatureForm } from '../src/verify/verifier.ts'
import { PASSWORD } from './cosign.ts'
import { CosignBench } from './cosign-bench.ts'
import { missingTools } from './tools.ts'

const STAGE = { stage: 'prod' }
const TYPE = 'https://cosign.sigstore.dev/attestation/v1'

describe('verifying through the real cosign', { skip: missingTools('cosign', 'registry') }, () => {
  let bench: CosignBench

  before(async () => {
    bench = await CosignBench.open()
  })

  after(() => bench?.[Symbol.asyncDispose]())

  function ours(change: Partial<TrustedSigner> = {}): TrustedSigner {
    return { ...keySigner(bench.keys.publicKey), name: 'ours', ...change } as TrustedSigner
  }

  function paths() {
    return { key: bench.keyFile, publicKey: bench.publicKeyFile }
  }

  async function keyFiles(name: string) {
    const keys = buildKeys()
    const key = join(bench.folder, `${name}.key`)
    await writeFile(key, encryptCosignKey(keys.privateKey, PASSWORD))
    return { key, publicKey: keys.publicKey }
  }

  /** An image that is signed keyless by cosign, in these forms. */
  async function signedKeyless(
    name: string,
    choice: { readonly rekor?: 1 | 2; readonly timestamp?: boolean },
    forms: readonly SignatureForm[] = ['bundle', 'tag'],
  ): Promise<PinnedReference> {
    const image = await bench.push(name)
    const services = parseSigningConfig(bench.sigstore.signingConfig(choice), 'the test', new Date())
    const transparency = choice.rekor === undefined ? 'none' : 'rekor'
    const witnesses = planWitnesses({ by: 'keyless', transparency, forms }, services)
    const format = forms.length === 2 ? 'both' : (forms[0] ?? 'both')
    await bench.sign(bench.signer({ credential: bench.identity, witnesses }, format), image)
    return image
  }

  async function verdictsOf(image: PinnedReference, demand: SignedDemand) {
    const { satisfied, signatures, lacking } = await bench.verdict(bench.cosign, image, demand)
    return { satisfied, lacking, reasons: signatures.map(({ form, reason }) => `${form}: ${reason}`) }
  }

  /** Fails unless the demand is refused, by the native verifier as well. */
  async function refused(image: PinnedReference, signer: TrustedSigner, annotations = {}) {
    const demand = signedBy(signer, annotations)
    assert.equal((await bench.verdict(bench.native, image, demand)).satisfied, false)
    const { satisfied, reasons } = await verdictsOf(image, demand)
    assert.equal(satisfied, false)
    return reasons.join('\n')
  }

  test('an attestation is no signature, though cosign verify takes it for one', async () => {
    const image = await bench.push('attested')
    await bench.attest(bench.keyFile, image)
    const output = await bench.run(
      'verify',
      `--key=${bench.publicKeyFile}`,
      '--insecure-ignore-tlog',
      formatReference(image),
    )
    assert.match(output, /"critical"/)
    assert.match(await refused(image, ours()), /bundle: it is an attestation/)
  })

  test('a foreign bundle does not hide a signature under the .sig tag', async () => {
    const image = await bench.push('hidden')
    await bench.plain.sign('tag', paths(), formatReference(image))
    await bench.attest((await keyFiles('foreign')).key, image)
    const plain = bench.run(
      'verify',
      `--key=${bench.publicKeyFile}`,
      '--insecure-ignore-tlog',
      formatReference(image),
    )
    await assert.rejects(plain)
    const { satisfied, reasons } = await verdictsOf(image, signedBy(ours()))
    assert.equal(satisfied, true)
    assert.ok(reasons.some((reason) => reason === 'tag: cosign accepts it as signed by ours'))
  })

  test('another key, and an image without any signature', async () => {
    const image = await bench.push('other-key')
    const other = await keyFiles('other')
    for (const form of ['bundle', 'tag'] as const)
      await bench.plain.sign(form, { ...paths(), key: other.key }, formatReference(image))
    const reasons = await refused(image, ours())
    assert.match(reasons, /bundle: cosign says: /)
    assert.match(reasons, /tag: cosign says: .*no matching signatures/)
    const bare = await bench.push('bare')
    assert.deepEqual(await verdictsOf(bare, signedBy(ours())), {
      satisfied: false,
      lacking: ['no signature by ours'],
      reasons: [],
    })
  })

  test('annotations that are missing or other', async () => {
    const image = await bench.push('annotated')
    for (const form of ['bundle', 'tag'] as const)
      await bench.plain.sign(form, paths(), formatReference(image), STAGE)
    assert.equal((await verdictsOf(image, signedBy(ours(), STAGE))).satisfied, true)
    assert.match(
      await refused(image, ours(), { stage: 'test' }),
      /tag: it states stage="prod"[\s\S]*bundle: it states/,
    )
    assert.match(await refused(image, ours(), { k: 'v' }), /does not state the annotation k=v/)
  })

  test('all of several signers, and any of them', async () => {
    const image = await bench.push('several')
    const other = await keyFiles('second')
    const theirs = { ...keySigner(other.publicKey), name: 'theirs' }
    await bench.plain.sign('tag', paths(), formatReference(image))
    const of = (choice: 'any' | 'all'): SignedDemand => ({
      ...signedBy(ours()),
      signature: { of: choice, signers: [ours(), theirs] },
    })
    assert.equal((await verdictsOf(image, of('any'))).satisfied, true)
    assert.deepEqual((await verdictsOf(image, of('all'))).lacking, ['no signature by theirs'])
    await bench.plain.sign('bundle', { ...paths(), key: other.key }, formatReference(image))
    assert.equal((await verdictsOf(image, of('all'))).satisfied, true)
  })

  test('an attestation that is required, in each form, by the right signer and of the right type', async () => {
    for (const form of ['bundle', 'tag'] as const) {
      const image = await bench.push(`required-${form}`)
      if (form === 'bundle') await bench.attest(bench.keyFile, image)
      else await bench.plain.attest(paths(), formatReference(image))
      const demand = (predicateType: string, signer: TrustedSigner): SignedDemand => ({
        ...signedBy(signer),
        signature: undefined,
        attestations: [{ predicateType, by: { of: 'any', signers: [signer] } }],
      })
      assert.deepEqual((await verdictsOf(image, demand(TYPE, ours()))).lacking, [])
      const other = { ...keySigner(buildKeys().publicKey), name: 'other' }
      assert.deepEqual((await verdictsOf(image, demand(TYPE, other))).lacking, [
        `no attestation ${TYPE} by other`,
      ])
      const provenance = 'https://slsa.dev/provenance/v1'
      assert.deepEqual((await verdictsOf(image, demand(provenance, ours()))).lacking, [
        `no attestation ${provenance} by ours`,
      ])
    }
  })

  test('a certificate: identity, issuer and claims, all of them and as a whole', async () => {
    const image = await signedKeyless('certified', { rekor: 1 })
    const right: Partial<CertificateSigner> = { transparency: 'rekor', workflow: { repository: 'acme/app' } }
    const demand = (change: Partial<CertificateSigner>) =>
      bench.certified({ ...right, name: 'ci', ...change })
    for (const change of [
      {},
      { identity: expression('https://github\\.com/acme/.+', 'a test') },
      { issuer: expression('.*oidc|nobody', 'a test') },
    ]) {
      assert.deepEqual((await verdictsOf(image, signedBy(demand(change), STAGE))).lacking, [])
    }
    for (const change of [
      { identity: exactly('https://github.com/acme/app') },
      { identity: expression('github\\.com/acme/app', 'a test') },
      { identity: expression('nobody|https://github.com/acme', 'a test') },
      { issuer: exactly('https://token.actions.githubusercontent.com') },
      { issuer: expression('oidc', 'a test') },
      { workflow: { repository: 'acme/other' } },
      { workflow: { sha: '' } },
      { timestamp: 'required' as const },
    ]) {
      assert.notEqual(await refused(image, demand(change)), '')
    }
    assert.notEqual(await refused(image, ours()), '')
  })

  test('a .sig without a timestamp, where a timestamp is what proves its time', async () => {
    const image = await signedKeyless('undated', { rekor: 1 }, ['tag'])
    const demand = bench.certified({ timestamp: 'required' })
    const output = await bench.run(
      ...['verify', '--new-bundle-format=false', '--use-signed-timestamps', '--insecure-ignore-tlog'],
      ...[
        `--certificate-identity=${demand.identity.text}`,
        `--certificate-oidc-issuer=${demand.issuer.text}`,
      ],
      ...[`--trusted-root=${await bench.trustedRootFile()}`, formatReference(image)],
    )
    assert.match(output, /"Subject"/)
    assert.match(await refused(image, demand), /tag: cosign says/)
  })

  test('a key without an entry in the log that the policy asks for, and no question to the public log', async () => {
    const image = await bench.push('unlogged')
    for (const form of ['bundle', 'tag'] as const)
      await bench.plain.sign(form, paths(), formatReference(image))
    const reasons = await refused(image, ours({ transparency: 'rekor' }))
    assert.match(reasons, /tag: cosign says: .*offline verification failed/)
  })

  test('a crash is no verdict', async () => {
    const image = await bench.push('crash')
    await bench.plain.sign('tag', paths(), formatReference(image))
    const verifier = bench.cosignOf(async () => ({ exitCode: undefined, stdout: '', words: 'panic' }))
    await assert.rejects(
      () => bench.verdict(verifier, image, signedBy(ours())),
      /cosign verify was ended by a signal, or crashed: panic/,
    )
  })
})
