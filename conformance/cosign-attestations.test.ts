import assert from 'node:assert/strict'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { TrustedRoot } from '@sigstore/protobuf-specs'
import { buildKeys } from '../__tests__/builders/build-keys.ts'
import { encryptCosignKey } from '../__tests__/builders/encrypt-cosign-key.ts'
import { WORKFLOW } from '../__tests__/builders/verification-scene.ts'
import {
  type PrivateSigstore,
  type SigningChoice,
  startPrivateSigstore,
} from '../__tests__/fakes/sigstore/private-sigstore.ts'
import { discoverGraph } from '../src/graph/discover-graph.ts'
import { parsePinnedReference } from '../src/oci/reference.ts'
import { keySigner } from '../src/policy/make-demand.ts'
import { exactly } from '../src/policy/text-match.ts'
import type { Evidence, TrustedSigner } from '../src/policy/trusted-signer.ts'
import { RemoteRegistries } from '../src/registry/remote-registries.ts'
import { NativeVerifier } from '../src/verify/native-verifier.ts'
import type { SignatureForm, Verdict } from '../src/verify/verifier.ts'
import { PASSWORD, runCosign } from './cosign.ts'
import { newFolder } from './new-folder.ts'
import { pushBareSample } from './push-sample.ts'
import { type RealRegistry, startRealRegistry } from './real-registry.ts'
import { missingTools } from './tools.ts'

const PROVENANCE = 'https://slsa.dev/provenance/v1'
const LOG = { transparency: 'rekor', timestamp: 'none' } as const
const TIME = { transparency: 'none', timestamp: 'required' } as const

/** What witnesses an attestation of each form, and what is asked of it then. */
const COMBINATIONS: readonly (readonly [SignatureForm, SigningChoice, Evidence])[] = [
  ['bundle', { rekor: 1 }, LOG],
  ['bundle', { rekor: 2, timestamp: true }, { ...LOG, ...TIME, transparency: 'rekor' }],
  ['bundle', { timestamp: true }, TIME],
  ['tag', { rekor: 1 }, LOG],
  ['tag', { timestamp: true }, TIME],
]
const skip = missingTools('cosign', 'registry')

describe('what cosign attests is judged natively', { skip }, () => {
  const keys = buildKeys()
  const registries = new RemoteRegistries({ credentials: [], insecure: [] })
  let sigstore: PrivateSigstore
  let registry: RealRegistry
  let folder: string

  before(async () => {
    folder = await newFolder()
    ;[sigstore, registry] = await Promise.all([startPrivateSigstore(), startRealRegistry('distribution')])
    await writeFile(join(folder, 'cosign.key'), encryptCosignKey(keys.privateKey, PASSWORD))
    await writeFile(join(folder, 'trusted_root.json'), sigstore.trustedRoot)
    await writeFile(join(folder, 'predicate.json'), '{"buildDefinition":{},"runDetails":{}}')
  })

  after(async () => {
    await registries.close()
    await registry?.[Symbol.asyncDispose]()
    await sigstore?.close()
    await rm(folder, { recursive: true, force: true })
  })

  async function attest(form: SignatureForm, by: readonly string[], choice: SigningChoice): Promise<string> {
    const seed = `${form}-${by.length}-${choice.rekor ?? 0}-${choice.timestamp ?? false}`
    const { index } = await pushBareSample({ host: registry.host, repository: seed, seed })
    const image = `${registry.host}/${seed}@${index.digest}`
    await writeFile(join(folder, 'signing_config.json'), sigstore.signingConfig(choice))
    const bundle = ['--signing-config', 'signing_config.json']
    const tag = [
      ...['--use-signing-config=false', '--new-bundle-format=false', '--fulcio-url', sigstore.fulcioUrl],
      ...(choice.rekor ? ['--rekor-url', sigstore.rekorUrl] : ['--tlog-upload=false']),
      ...(choice.timestamp ? ['--timestamp-server-url', sigstore.timestampUrl] : []),
    ]
    const what = ['--type', PROVENANCE, '--predicate', 'predicate.json', image]
    const trust = ['--trusted-root', 'trusted_root.json']
    await runCosign(folder, ['attest', '-y', ...by, ...(form === 'tag' ? tag : bundle), ...trust, ...what], {
      COSIGN_PASSWORD: PASSWORD,
      SIGSTORE_ID_TOKEN: sigstore.token(),
    })
    return image
  }

  async function verify(image: string, signer: TrustedSigner): Promise<Verdict> {
    const { repository, digest } = parsePinnedReference(image)
    const source = registries.source(repository)
    const graph = await discoverGraph(source, digest)
    assert.ok(graph)
    const trustedRoot = async () => TrustedRoot.fromJSON(JSON.parse(sigstore.trustedRoot))
    return new NativeVerifier({ trustedRoot }).verify(graph, source, {
      by: 'signers',
      signature: undefined,
      requireAnnotations: {},
      attestations: [{ predicateType: PROVENANCE, by: { of: 'any', signers: [signer] } }],
    })
  }

  for (const [form, choice, asked] of COMBINATIONS) {
    for (const kind of ['key', 'keyless'] as const) {
      test(`${form}, ${kind}, with ${JSON.stringify(choice)}`, async () => {
        const image = await attest(form, kind === 'key' ? ['--key', 'cosign.key'] : [], choice)
        const certified = { by: 'certificate', name: undefined, workflow: {} } as const
        const signer: TrustedSigner =
          kind === 'key'
            ? keySigner(keys.publicKey)
            : { ...certified, identity: exactly(WORKFLOW), issuer: exactly(sigstore.issuer), ...asked }
        const { satisfied, signatures } = await verify(image, { ...signer, ...asked })
        assert.ok(satisfied, JSON.stringify(signatures))
        assert.deepEqual(
          signatures.map(({ predicateType, form: found }) => [predicateType, found]),
          [[PROVENANCE, form]],
        )
      })
    }
  }
})
