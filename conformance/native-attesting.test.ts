import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { type SigstoreChoice, sigstoreMaker } from '../__tests__/builders/sigstore-maker.ts'
import { type PrivateSigstore, startPrivateSigstore } from '../__tests__/fakes/sigstore/private-sigstore.ts'
import { NativeAttester } from '../src/sign/native-attester.ts'
import { BENCH_KEYS, NativeBench, signedBy } from './native-bench.ts'
import type { CredentialName } from './signing-combinations.ts'
import { missingTools } from './tools.ts'

const skip = missingTools('cosign', 'registry')

describe('cosign verifies what is attested natively with a private Sigstore', { skip }, () => {
  let sigstore: PrivateSigstore
  let bench: NativeBench

  before(async () => {
    sigstore = await startPrivateSigstore()
    bench = await NativeBench.open(sigstore.trustedRoot)
  })

  after(async () => {
    await bench?.[Symbol.asyncDispose]()
    await sigstore?.close()
  })

  function makerWith(credential: CredentialName, choice: Omit<SigstoreChoice, 'key'>) {
    const key = credential === 'keyless' ? {} : { key: BENCH_KEYS[credential].privateKey }
    return sigstoreMaker(sigstore, bench.http, { ...choice, ...key })
  }

  for (const credential of ['ec', 'keyless'] as const) {
    test(`an attestation, ${credential}`, async () => {
      const image = await bench.pushImage(`attestation-${credential}`)
      const { graph, target } = await bench.find(image)
      const attester = new NativeAttester(makerWith(credential, { rekor: 1 }))
      const claim = { predicateType: 'https://example.com/tested/v1', predicate: { passed: true } }
      await attester.attest(graph.root.descriptor, claim, target)
      const signer = signedBy(credential, sigstore.issuer)
      const verify = (type: string) => bench.verify('verify-attestation', '--type', type, ...signer, image)
      await verify(claim.predicateType)
      await assert.rejects(verify('https://example.com/other/v1'))
    })
  }
})
