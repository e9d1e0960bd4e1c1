import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { buildKeys } from '../__tests__/builders/build-keys.ts'
import { encryptCosignKey } from '../__tests__/builders/encrypt-cosign-key.ts'
import { PASSWORD, runCosign } from './cosign.ts'
import { pushBareSample } from './push-sample.ts'
import { type RealRegistry, startRealRegistry } from './real-registry.ts'
import { type RealSigstore, startRealSigstore } from './real-sigstore.ts'
import { missingTools } from './tools.ts'

const IDENTITY = 'https://github.com/acme/app/.github/workflows/release.yml@refs/heads/main'
const skip = missingTools('cosign', 'registry', 'fulcio', 'rekor-server', 'timestamp-server')

describe('the real Fulcio, Rekor v2 and timestamp authority', { skip }, () => {
  let sigstore: RealSigstore
  let registry: RealRegistry
  let folder: string

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'signed-promote-'))
    ;[sigstore, registry] = await Promise.all([startRealSigstore(), startRealRegistry('distribution')])
    const keys = buildKeys()
    await writeFile(join(folder, 'cosign.key'), encryptCosignKey(keys.privateKey, PASSWORD))
    await writeFile(join(folder, 'cosign.pub'), keys.publicPem)
    await writeFile(join(folder, 'trusted_root.json'), sigstore.trustedRoot)
    await writeFile(join(folder, 'signing_config.json'), sigstore.signingConfig)
  })

  after(async () => {
    await registry?.[Symbol.asyncDispose]()
    await sigstore?.[Symbol.asyncDispose]()
    await rm(folder, { recursive: true, force: true })
  })

  function cosign(...args: readonly string[]): Promise<string> {
    const [command = '', ...rest] = args
    return runCosign(folder, [command, '--trusted-root', 'trusted_root.json', ...rest], {
      COSIGN_PASSWORD: PASSWORD,
      SIGSTORE_ID_TOKEN: sigstore.token(),
    })
  }

  for (const kind of ['keyless', 'key'] as const) {
    test(`cosign signs and verifies, ${kind}`, async () => {
      const { host } = registry
      const { index } = await pushBareSample({ host, repository: kind, seed: kind })
      const image = `${host}/${kind}@${index.digest}`
      const signer = kind === 'key' ? ['--key', 'cosign.key'] : []
      await cosign('sign', '-y', ...signer, '--signing-config', 'signing_config.json', image)
      const policy = (identity: string) =>
        kind === 'key'
          ? ['--key', 'cosign.pub']
          : ['--certificate-identity', identity, '--certificate-oidc-issuer', sigstore.issuer]
      await cosign('verify', '--use-signed-timestamps', ...policy(IDENTITY), image)
      if (kind === 'keyless') await assert.rejects(cosign('verify', ...policy(`${IDENTITY}2`), image))
    })
  }
})
