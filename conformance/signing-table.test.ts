import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { buildKeys } from '../__tests__/builders/build-keys.ts'
import { encryptCosignKey } from '../__tests__/builders/encrypt-cosign-key.ts'
import { servicesOf, sigstoreMaker } from '../__tests__/builders/sigstore-maker.ts'
import { PromotionError } from '../src/errors.ts'
import { Secret } from '../src/inputs/secret.ts'
import { formatReference } from '../src/oci/reference.ts'
import { signedBy } from '../src/policy/make-demand.ts'
import { HttpClient } from '../src/registry/http.ts'
import type { CosignCredential } from '../src/sign/cosign-signing.ts'
import { NativeSigner } from '../src/sign/native-signer.ts'
import type { ImageSigner } from '../src/sign/signer.ts'
import { planWitnesses } from '../src/sign/witness-plan.ts'
import { PASSWORD } from './cosign.ts'
import { CosignBench } from './cosign-bench.ts'
import { type CredentialName, SIGNING_COMBINATIONS, type SigningCombination } from './signing-combinations.ts'
import { missingTools } from './tools.ts'

const MAKERS = ['native', 'cosign'] as const
const STATED = { stage: 'prod' }
/** What cosign prints of a signature in each form. */
const TYPES = { bundle: /cosign\/sign\/v1/, tag: /cosign container image signature/ } as const
const KEYS = { ec: buildKeys('ec'), rsa: buildKeys('rsa') }

/** As the inputs have it when nothing is said: a certificate is logged where its form can hold that. */
function wantedLog(credential: CredentialName, { rekor }: SigningCombination['services']) {
  if (rekor === undefined) return 'none'
  return credential === 'keyless' ? 'where possible' : 'rekor'
}

describe('every way to sign', { skip: missingTools('cosign', 'registry') }, () => {
  const http = new HttpClient()
  let bench: CosignBench

  before(async () => {
    bench = await CosignBench.open()
    for (const [name, { privateKey, publicPem }] of Object.entries(KEYS)) {
      await writeFile(join(bench.folder, `${name}.key`), encryptCosignKey(privateKey, PASSWORD))
      await writeFile(join(bench.folder, `${name}.pub`), publicPem)
    }
  })

  after(async () => {
    await http.close()
    await bench?.[Symbol.asyncDispose]()
  })

  function makeSigner(
    maker: (typeof MAKERS)[number],
    { credential, form, services }: SigningCombination,
  ): ImageSigner {
    const key = credential === 'keyless' ? {} : { key: KEYS[credential].privateKey }
    const verifier = bench.native
    if (maker === 'native') {
      const signatures = sigstoreMaker(bench.sigstore, http, { ...services, ...key, forms: [form] })
      return new NativeSigner({ maker: signatures, annotations: STATED, format: form, verifier })
    }
    const intent = {
      by: credential === 'keyless' ? 'keyless' : 'key',
      transparency: wantedLog(credential, services),
      forms: [form],
    } as const
    const witnesses = planWitnesses(intent, servicesOf(bench.sigstore, services))
    return bench.signer({ credential: cosignCredential(credential), witnesses }, form)
  }

  function cosignCredential(name: CredentialName): CosignCredential {
    if (name === 'keyless') return bench.identity
    const { publicKey } = KEYS[name]
    const path = join(bench.folder, `${name}.key`)
    return { by: 'key', key: { path }, password: new Secret(PASSWORD), publicKey }
  }

  /** How cosign is told whose signature it has to be. */
  function signerFlags(credential: CredentialName): readonly string[] {
    if (credential !== 'keyless') return [`--key=${join(bench.folder, `${credential}.pub`)}`]
    const { identity, issuer } = bench.certified()
    return [`--certificate-identity=${identity.text}`, `--certificate-oidc-issuer=${issuer.text}`]
  }

  for (const maker of MAKERS) {
    for (const combination of SIGNING_COMBINATIONS) {
      const { name, credential, form, forbidden, cosign } = combination
      if (forbidden !== undefined) {
        test(`${maker}, ${name}: refused before anything is signed`, () => {
          assert.throws(
            () => makeSigner(maker, combination),
            (error) =>
              error instanceof PromotionError && error.kind === 'input' && forbidden.test(error.message),
          )
        })
        continue
      }
      test(`${maker}, ${name}: is verified natively and by cosign, and not signed again`, async () => {
        const image = await bench.push(`${maker}-${name.replace(/[^a-z0-9]+/gi, '-').toLowerCase()}`)
        const signer = makeSigner(maker, combination)
        assert.deepEqual(await bench.sign(signer, image), [form])
        assert.deepEqual(await bench.sign(signer, image), [])
        const identity = await signer.identity()
        const verdict = await bench.verdict(bench.native, image, signedBy(identity, STATED))
        assert.deepEqual(verdict.lacking, [])
        const other = await bench.verdict(bench.native, image, signedBy(identity, { stage: 'test' }))
        assert.ok(!other.satisfied)
        const verify = (stage: string) =>
          bench.run(
            ...[
              'verify',
              `--trusted-root=${join(bench.folder, 'trusted_root.json')}`,
              '-a',
              `stage=${stage}`,
            ],
            ...['--output=json', ...cosign, ...signerFlags(credential), formatReference(image)],
          )
        await bench.trustedRootFile()
        assert.match(await verify('prod'), TYPES[form])
        await assert.rejects(verify('test'))
      })
    }
  }
})
