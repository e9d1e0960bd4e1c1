import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { type PrivateSigstore, startPrivateSigstore } from '../__tests__/fakes/sigstore/private-sigstore.ts'
import { SigstoreBench } from './sigstore-bench.ts'
import { missingTools } from './tools.ts'

const KINDS = ['keyless', 'key'] as const
const FORMATS = ['bundle', 'tag', 'both'] as const
/** The exit codes for what could not be fetched, and for images that do not satisfy the policy. */
const FAILED = 4
const REFUSED = 5
const skip = missingTools('cosign', 'registry')

/** With a trusted root and a signing config from one TUF mirror, and everything else as it is by default. */
describe('with the files of a TUF mirror', { skip }, () => {
  let bench: SigstoreBench<PrivateSigstore>
  let mirror: readonly string[]

  before(async () => {
    bench = await SigstoreBench.open(await startPrivateSigstore())
    const { tufUrl, tufRoot } = bench.sigstore
    await bench.write('root.json', tufRoot)
    mirror = ['--tuf-mirror', tufUrl, '--tuf-root', 'root.json']
    await bench.cosign('initialize', '--mirror', tufUrl, '--root', 'root.json')
  })

  after(() => bench?.[Symbol.asyncDispose]())

  for (const kind of KINDS) {
    const key = kind === 'key' ? ['--key', 'cosign.key'] : []

    test(`what cosign signs, ${kind}, this program verifies, and for nobody else`, async () => {
      const image = await bench.pushImage(`cosigns/${kind}`)
      await bench.cosign('sign', '-y', ...key, image)
      const evidence = ['--transparency', 'rekor', '--timestamp', 'required']
      const verify = (policy: readonly string[]) =>
        bench.run('verify', '--images', image, ...policy, ...evidence, ...mirror)
      const verified = await verify(bench.signer(kind).ours)
      assert.equal(verified.exitCode, 0, verified.output)
      const refused = await verify(bench.stranger(kind).ours)
      assert.equal(refused.exitCode, REFUSED, refused.output)
    })

    for (const format of FORMATS) {
      test(`what this program signs, ${kind}, ${format}, cosign verifies, and for nobody else`, async () => {
        const image = await bench.pushImage(`ours/${kind}/${format}`)
        const { exitCode, output } = await bench.run(
          ...['sign', '--images', image, '--sign', kind, ...key, '--signature-format', format],
          ...['--transparency', 'rekor', ...mirror],
        )
        assert.equal(exitCode, 0, output)
        await bench.cosign('verify', ...bench.signer(kind).cosigns, image)
        await assert.rejects(bench.cosign('verify', ...bench.stranger(kind).cosigns, image))
      })
    }
  }

  test('this program believes no file that the given root.json does not stand for', async () => {
    await using other = await startPrivateSigstore()
    await bench.write('other_root.json', other.tufRoot)
    const image = await bench.pushImage('other-root')
    const { exitCode, output } = await bench.run(
      ...['sign', '--images', image, '--sign', 'keyless'],
      ...['--tuf-mirror', bench.sigstore.tufUrl, '--tuf-root', 'other_root.json'],
    )
    assert.equal(exitCode, FAILED, output)
    assert.match(output, /could not be fetched by TUF from .*signed by 0\/1 keys.*`signing-config: FILE`/s)
  })
})
