import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { Secret } from '../src/inputs/secret.ts'
import type { CredentialSource } from '../src/sign/credential.ts'
import { FulcioCredential } from '../src/sign/fulcio-credential.ts'
import { identityToken } from '../src/sign/identity-token.ts'
import { KeyCredential } from '../src/sign/key-credential.ts'
import { SignatureMaker } from '../src/sign/signature-maker.ts'
import { planWitnesses } from '../src/sign/witness-plan.ts'
import { parseSigningConfig } from '../src/sigstore/parse-signing-config.ts'
import { BENCH_KEYS, NativeBench, signedBy } from './native-bench.ts'
import { type RealSigstore, startRealSigstore } from './real-sigstore.ts'
import { missingTools } from './tools.ts'

const skip = missingTools('cosign', 'registry', 'fulcio', 'rekor-server', 'timestamp-server')

describe('what is signed natively with the real Fulcio, Rekor v2 and timestamp authority', { skip }, () => {
  let sigstore: RealSigstore
  let bench: NativeBench

  before(async () => {
    sigstore = await startRealSigstore()
    bench = await NativeBench.open(sigstore.trustedRoot)
  })

  after(async () => {
    await bench?.[Symbol.asyncDispose]()
    await sigstore?.[Symbol.asyncDispose]()
  })

  function credentialOf(kind: 'ec' | 'rsa' | 'keyless'): CredentialSource {
    if (kind !== 'keyless') return new KeyCredential(BENCH_KEYS[kind].privateKey)
    return new FulcioCredential({
      isBoundToRun: true,
      fulcio: new URL(sigstore.fulcioUrl),
      http: bench.http,
      token: () =>
        identityToken({
          given: new Secret(sigstore.token()),
          environment: {},
          getToken: () => assert.fail('the runner was asked'),
          onSecret: (secret) => bench.http.secrets.add(secret),
          redact: (text) => bench.http.secrets.redact(text),
        }),
    })
  }

  for (const kind of ['keyless', 'ec', 'rsa'] as const) {
    test(`verifies, ${kind}`, async () => {
      const image = await bench.pushImage(kind)
      const services = parseSigningConfig(sigstore.signingConfig, 'signing_config.json', new Date())
      const by = kind === 'keyless' ? 'keyless' : 'key'
      const plan = planWitnesses({ by, transparency: 'rekor', forms: ['bundle'] }, services)
      assert.deepEqual(plan.evidence, { transparency: 'rekor', timestamp: 'required' })
      await bench.sign(image, new SignatureMaker(credentialOf(kind), { plan, http: bench.http }), 'bundle')
      await bench.verify('verify', '--use-signed-timestamps', ...signedBy(kind, sigstore.issuer), image)
    })
  }
})
