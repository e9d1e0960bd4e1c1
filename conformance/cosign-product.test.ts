import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { PLUGIN_URI } from '../__tests__/builders/kms-plugin.ts'
import { formatReference } from '../src/oci/reference.ts'
import { CosignBench } from './cosign-bench.ts'
import { type CliRun, readReport, runCliWith } from './run-cli.ts'
import { missingTools } from './tools.ts'

const PRIVATE = ['--signing-config', 'signing_config.json', '--trusted-root', 'trusted_root.json']

describe('the program with the real cosign', { skip: missingTools('cosign', 'registry') }, () => {
  let bench: CosignBench

  before(async () => {
    bench = await CosignBench.open()
    const config = bench.sigstore.signingConfig({ rekor: 1, timestamp: true })
    await writeFile(join(bench.folder, 'signing_config.json'), config)
    await bench.trustedRootFile()
  })

  after(() => bench?.[Symbol.asyncDispose]())

  async function run(...args: readonly string[]): Promise<CliRun> {
    const { PATH = '', RUNNER_TEMP = '', ...others } = bench.environment
    const keeper = Object.entries(others).filter((entry): entry is [string, string] => {
      const [name, value] = entry
      return name.startsWith('SIGSTORE_KMS_') && value !== undefined
    })
    const environment = { PATH, RUNNER_TEMP, SIGSTORE_ID_TOKEN: bench.sigstore.token() }
    return runCliWith({ ...environment, ...Object.fromEntries(keeper) }, bench.folder, ...args)
  }

  async function succeed(...args: readonly string[]): Promise<void> {
    const { exitCode, output } = await run(...args)
    assert.equal(exitCode, 0, output)
  }

  test('a key in a KMS signs, promotes and attests, and verifies by its URI with either verifier', async () => {
    const image = formatReference(await bench.push('kms-product'))
    const to = `${bench.registry.host}/promoted`
    const key = ['--signer', 'cosign', '--key', PLUGIN_URI]
    const work = ['--images', image, '--to', to, '--report', 'report.json']
    await succeed('promote', ...work, '--sign', 'key', '--attest-promotion', 'key', ...key)
    const [promoted] = (await readReport(bench.folder)).images
    assert.deepEqual([promoted?.signed, promoted?.targets[0]?.attested], [['bundle', 'tag'], 'made'])
    const target = ['--images', `${to}@${promoted?.digest}`, '--public-key', PLUGIN_URI]
    const summary = ['--require-attestations', 'https://slsa.dev/verification_summary/v1']
    for (const verifier of ['native', 'cosign']) {
      await succeed('verify', ...target, ...summary, '--verifier', verifier)
    }
  })

  test('an identity signs through it, and verifies with either verifier', async () => {
    const image = formatReference(await bench.push('keyless-product'))
    await succeed('sign', '--images', image, '--sign', 'keyless', '--signer', 'cosign', ...PRIVATE)
    const { identity, issuer } = bench.certified()
    const who = ['--certificate-identity', identity.text, '--certificate-oidc-issuer', issuer.text]
    const check = ['verify', '--images', image, '--trusted-root', 'trusted_root.json']
    for (const verifier of ['native', 'cosign']) {
      await succeed(...check, ...who, '--verifier', verifier)
      const stranger = ['--certificate-identity', `${identity.text}x`, ...who.slice(2)]
      assert.equal((await run(...check, ...stranger, '--verifier', verifier)).exitCode, 5)
    }
  })

  test('a key in a KMS that native code is to sign with is refused, and says what reaches it', async () => {
    const image = formatReference(await bench.push('native-kms'))
    const { exitCode, output } = await run('sign', '--images', image, '--sign', 'key', '--key', PLUGIN_URI)
    assert.equal(exitCode, 3)
    assert.match(output, /Set `signer` to "cosign"/)
  })
})
