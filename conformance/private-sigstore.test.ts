import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import {
  type PrivateSigstore,
  type SigningChoice,
  startPrivateSigstore,
} from '../__tests__/fakes/sigstore/private-sigstore.ts'
import { SigstoreBench } from './sigstore-bench.ts'
import { missingTools } from './tools.ts'

const IDENTITY = 'https://github.com/acme/app/.github/workflows/release.yml@refs/heads/main'
/** What witnesses a Sigstore bundle, and what cosign must be told to ask for that. */
const WITNESSES: readonly { name: string; choice: SigningChoice; demands: readonly string[] }[] = [
  { name: 'Rekor v1', choice: { rekor: 1 }, demands: [] },
  {
    name: 'Rekor v2 and a timestamp',
    choice: { rekor: 2, timestamp: true },
    demands: ['--use-signed-timestamps'],
  },
  {
    name: 'a timestamp alone',
    choice: { timestamp: true },
    demands: ['--use-signed-timestamps', '--insecure-ignore-tlog'],
  },
]
const TRUST = ['--trusted-root', 'trusted_root.json']
const TAG = ['--use-signing-config=false', '--new-bundle-format=false']
const skip = missingTools('cosign', 'registry')

describe('cosign signs and verifies with the private Sigstore', { skip }, () => {
  let bench: SigstoreBench<PrivateSigstore>
  let sigstore: PrivateSigstore

  before(async () => {
    bench = await SigstoreBench.open(await startPrivateSigstore())
    sigstore = bench.sigstore
    await bench.write('root.json', sigstore.tufRoot)
  })

  after(() => bench?.[Symbol.asyncDispose]())

  async function readMirror(): Promise<void> {
    await bench.cosign('initialize', '--mirror', sigstore.tufUrl, '--root', 'root.json')
  }

  function fulcio(): readonly string[] {
    return ['--fulcio-url', sigstore.fulcioUrl, ...TRUST]
  }

  for (const kind of ['keyless', 'key'] as const) {
    const sign = ['sign', '-y', ...(kind === 'key' ? ['--key', 'cosign.key'] : [])]
    const policy = () => bench.signer(kind).cosigns

    for (const { name, choice, demands } of WITNESSES) {
      test(`a Sigstore bundle, ${kind}, with ${name}`, async () => {
        const image = await bench.pushImage(`bundle-${kind}-${choice.rekor ?? 'none'}`)
        await bench.write('signing_config.json', sigstore.signingConfig(choice))
        await bench.cosign(...sign, '--signing-config', 'signing_config.json', ...TRUST, image)
        await bench.cosign('verify', ...TRUST, ...demands, ...policy(), image)
      })
    }

    test(`a .sig tag, ${kind}, with Rekor v1`, async () => {
      const image = await bench.pushImage(`tag-${kind}`)
      await bench.cosign(...sign, ...TAG, '--rekor-url', sigstore.rekorUrl, ...fulcio(), image)
      await bench.cosign('verify', '--new-bundle-format=false', ...TRUST, ...policy(), image)
    })

    test(`a .sig tag, ${kind}, with a timestamp alone`, async () => {
      const image = await bench.pushImage(`tag-timestamp-${kind}`)
      const timestamp = ['--tlog-upload=false', '--timestamp-server-url', sigstore.timestampUrl]
      await bench.cosign(...sign, ...TAG, ...timestamp, ...fulcio(), image)
      const demands = ['--use-signed-timestamps', '--insecure-ignore-tlog', '--new-bundle-format=false']
      await bench.cosign('verify', ...demands, ...TRUST, ...policy(), image)
    })

    test(`by the defaults of cosign, ${kind}, with what it reads from the TUF mirror`, async () => {
      const image = await bench.pushImage(`defaults-${kind}`)
      await readMirror()
      await bench.cosign(...sign, image)
      await bench.cosign('verify', ...policy(), image)
    })
  }

  test('with the token that a job of a workflow asks for', async () => {
    const image = await bench.pushImage('job')
    await readMirror()
    const { url, token } = sigstore.actionsRequest
    const job = { ACTIONS_ID_TOKEN_REQUEST_URL: url, ACTIONS_ID_TOKEN_REQUEST_TOKEN: token }
    await bench.cosignInJob(job, 'sign', '-y', image)
    const policy = [...identity(IDENTITY, sigstore.issuer), '--certificate-github-workflow-repository']
    await bench.cosign('verify', ...policy, 'acme/app', image)
    await assert.rejects(bench.cosign('verify', ...policy, 'acme/other', image))
  })

  test('and verifies neither another identity, nor another issuer, nor what another Sigstore vouches for', async () => {
    const image = await bench.pushImage('others')
    await bench.write('signing_config.json', sigstore.signingConfig({ rekor: 1 }))
    await bench.cosign('sign', '-y', '--signing-config', 'signing_config.json', ...TRUST, image)
    await using other = await startPrivateSigstore()
    await bench.write('other_root.json', other.trustedRoot)
    const { issuer } = sigstore
    await bench.cosign('verify', ...TRUST, ...identity(IDENTITY, issuer), image)
    await assert.rejects(bench.cosign('verify', ...TRUST, ...identity(`${IDENTITY}2`, issuer), image))
    await assert.rejects(bench.cosign('verify', ...TRUST, ...identity(IDENTITY, other.issuer), image))
    const otherTrust = ['--trusted-root', 'other_root.json']
    await assert.rejects(bench.cosign('verify', ...otherTrust, ...identity(IDENTITY, issuer), image))
  })
})

function identity(name: string, issuer: string): readonly string[] {
  return ['--certificate-identity', name, '--certificate-oidc-issuer', issuer]
}
