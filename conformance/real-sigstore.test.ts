import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { type RealSigstore, startRealSigstore } from './real-sigstore.ts'
import { SigstoreBench } from './sigstore-bench.ts'
import { missingTools } from './tools.ts'

/** The exit code for images that do not satisfy the policy. */
const REFUSED = 5
const TRUST = ['--trusted-root', 'trusted_root.json']
const SERVICES = ['--signing-config', 'signing_config.json', ...TRUST]
const skip = missingTools('cosign', 'registry', 'fulcio', 'rekor-server', 'timestamp-server')

describe('with the real Fulcio, Rekor v2 and timestamp authority', { skip }, () => {
  let bench: SigstoreBench<RealSigstore>

  before(async () => {
    bench = await SigstoreBench.open(await startRealSigstore())
    await bench.write('signing_config.json', bench.sigstore.signingConfig)
  })

  after(() => bench?.[Symbol.asyncDispose]())

  /** Makes a Sigstore bundle with an entry in the log and a timestamp. */
  async function sign(signer: 'cosign' | 'this program', kind: 'keyless' | 'key', image: string) {
    const key = kind === 'key' ? ['--key', 'cosign.key'] : []
    if (signer === 'cosign') {
      await bench.cosign('sign', '-y', ...key, ...SERVICES, image)
      return
    }
    const bundle = ['--transparency', 'rekor', '--signature-format', 'bundle']
    const { exitCode, output } = await bench.run(
      ...['sign', '--images', image, '--sign', kind, ...key, ...bundle, ...SERVICES],
    )
    assert.equal(exitCode, 0, output)
  }

  function verify(image: string, ...policy: readonly string[]) {
    const evidence = ['--transparency', 'rekor', '--timestamp', 'required']
    return bench.run('verify', '--images', image, ...policy, ...evidence, ...TRUST)
  }

  for (const signer of ['cosign', 'this program'] as const) {
    for (const kind of ['keyless', 'key'] as const) {
      test(`what ${signer} signs, ${kind}, cosign and this program verify, and for nobody else`, async () => {
        const image = await bench.pushImage(`${signer.replace(' ', '-')}/${kind}`)
        await sign(signer, kind, image)
        const [who, other] = [bench.signer(kind), bench.stranger(kind)]
        const cosign = ['verify', '--use-signed-timestamps', ...TRUST]
        await bench.cosign(...cosign, ...who.cosigns, image)
        await assert.rejects(bench.cosign(...cosign, ...other.cosigns, image))
        const verified = await verify(image, ...who.ours)
        assert.equal(verified.exitCode, 0, verified.output)
        const refused = await verify(image, ...other.ours)
        assert.equal(refused.exitCode, REFUSED, refused.output)
      })
    }
  }
})
