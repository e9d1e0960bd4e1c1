import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { buildKeys } from '../__tests__/builders/build-keys.ts'
import { encryptCosignKey } from '../__tests__/builders/encrypt-cosign-key.ts'
import {
  type PrivateSigstore,
  type SigningChoice,
  startPrivateSigstore,
} from '../__tests__/fakes/sigstore/private-sigstore.ts'
import { PASSWORD, runCosign } from './cosign.ts'
import { pushBareSample } from './push-sample.ts'
import { type RealRegistry, startRealRegistry } from './real-registry.ts'
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
  let sigstore: PrivateSigstore
  let registry: RealRegistry
  let folder: string

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'signed-promote-'))
    ;[sigstore, registry] = await Promise.all([startPrivateSigstore(), startRealRegistry('distribution')])
    const keys = buildKeys()
    await writeFile(join(folder, 'cosign.key'), encryptCosignKey(keys.privateKey, PASSWORD))
    await writeFile(join(folder, 'cosign.pub'), keys.publicPem)
    await writeFile(join(folder, 'trusted_root.json'), sigstore.trustedRoot)
    await writeFile(join(folder, 'root.json'), sigstore.tufRoot)
  })

  after(async () => {
    await registry?.[Symbol.asyncDispose]()
    await sigstore?.close()
    await rm(folder, { recursive: true, force: true })
  })

  async function pushImage(name: string): Promise<string> {
    const { host } = registry
    const { index } = await pushBareSample({ host, repository: name, seed: name })
    return `${host}/${name}@${index.digest}`
  }

  function cosign(...args: readonly string[]): Promise<string> {
    return runCosign(folder, args, { COSIGN_PASSWORD: PASSWORD, SIGSTORE_ID_TOKEN: sigstore.token() })
  }

  function fulcio(): readonly string[] {
    return ['--fulcio-url', sigstore.fulcioUrl, ...TRUST]
  }

  for (const kind of ['keyless', 'key'] as const) {
    const signer = kind === 'key' ? ['--key', 'cosign.key'] : []
    const policy = () => (kind === 'key' ? ['--key', 'cosign.pub'] : identity(IDENTITY, sigstore.issuer))

    for (const { name, choice, demands } of WITNESSES) {
      test(`a Sigstore bundle, ${kind}, with ${name}`, async () => {
        const image = await pushImage(`bundle-${kind}-${choice.rekor ?? 'none'}`)
        await writeFile(join(folder, 'signing_config.json'), sigstore.signingConfig(choice))
        await cosign('sign', '-y', ...signer, '--signing-config', 'signing_config.json', ...TRUST, image)
        await cosign('verify', ...TRUST, ...demands, ...policy(), image)
      })
    }

    test(`a .sig tag, ${kind}, with Rekor v1`, async () => {
      const image = await pushImage(`tag-${kind}`)
      await cosign('sign', '-y', ...signer, ...TAG, '--rekor-url', sigstore.rekorUrl, ...fulcio(), image)
      await cosign('verify', '--new-bundle-format=false', ...TRUST, ...policy(), image)
    })

    test(`a .sig tag, ${kind}, with a timestamp alone`, async () => {
      const image = await pushImage(`tag-timestamp-${kind}`)
      const timestamp = ['--tlog-upload=false', '--timestamp-server-url', sigstore.timestampUrl]
      await cosign('sign', '-y', ...signer, ...TAG, ...timestamp, ...fulcio(), image)
      const demands = ['--use-signed-timestamps', '--insecure-ignore-tlog', '--new-bundle-format=false']
      await cosign('verify', ...demands, ...TRUST, ...policy(), image)
    })

    test(`by the defaults of cosign, ${kind}, with what it reads from the TUF mirror`, async () => {
      const image = await pushImage(`defaults-${kind}`)
      await cosign('initialize', '--mirror', sigstore.tufUrl, '--root', 'root.json')
      await cosign('sign', '-y', ...signer, image)
      await cosign('verify', ...policy(), image)
    })
  }

  test('with the token that a job of a workflow asks for', async () => {
    const image = await pushImage('job')
    await cosign('initialize', '--mirror', sigstore.tufUrl, '--root', 'root.json')
    const { url, token } = sigstore.actionsRequest
    const job = { ACTIONS_ID_TOKEN_REQUEST_URL: url, ACTIONS_ID_TOKEN_REQUEST_TOKEN: token }
    await runCosign(folder, ['sign', '-y', image], job)
    const claims = ['--certificate-github-workflow-repository', 'acme/app']
    await cosign('verify', ...identity(IDENTITY, sigstore.issuer), ...claims, image)
    await assert.rejects(
      cosign(
        'verify',
        ...identity(IDENTITY, sigstore.issuer),
        '--certificate-github-workflow-repository',
        'acme/other',
        image,
      ),
    )
  })

  test('and verifies neither another identity, nor another issuer, nor what another Sigstore vouches for', async () => {
    const image = await pushImage('others')
    await writeFile(join(folder, 'signing_config.json'), sigstore.signingConfig({ rekor: 1 }))
    await cosign('sign', '-y', '--signing-config', 'signing_config.json', ...TRUST, image)
    await using other = await startPrivateSigstore()
    await writeFile(join(folder, 'other_root.json'), other.trustedRoot)
    const { issuer } = sigstore
    await cosign('verify', ...TRUST, ...identity(IDENTITY, issuer), image)
    await assert.rejects(cosign('verify', ...TRUST, ...identity(`${IDENTITY}2`, issuer), image))
    await assert.rejects(cosign('verify', ...TRUST, ...identity(IDENTITY, other.issuer), image))
    const otherTrust = ['--trusted-root', 'other_root.json']
    await assert.rejects(cosign('verify', ...otherTrust, ...identity(IDENTITY, issuer), image))
  })
})

function identity(name: string, issuer: string): readonly string[] {
  return ['--certificate-identity', name, '--certificate-oidc-issuer', issuer]
}
