import assert from 'node:assert/strict'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { buildKeys, type KeyPair } from '../__tests__/builders/build-keys.ts'
import { encryptCosignKey } from '../__tests__/builders/encrypt-cosign-key.ts'
import { keyMaker } from '../__tests__/builders/key-maker.ts'
import { offlineVerifier } from '../__tests__/builders/offline-verifier.ts'
import { CosignProgram } from '../src/cosign/cosign-program.ts'
import { PromotionError } from '../src/errors.ts'
import { discoverGraph } from '../src/graph/discover-graph.ts'
import { Secret } from '../src/inputs/secret.ts'
import type { KeySource } from '../src/inputs/settings.ts'
import type { Annotations } from '../src/oci/descriptor.ts'
import { type PinnedReference, parsePinnedReference } from '../src/oci/reference.ts'
import { keySigner, signedBy } from '../src/policy/make-demand.ts'
import { parsePublicKey } from '../src/policy/public-key.ts'
import { RemoteRegistries } from '../src/registry/remote-registries.ts'
import { CosignSigner } from '../src/sign/cosign-signer.ts'
import { NativeSigner } from '../src/sign/native-signer.ts'
import { parsePrivateKey } from '../src/sign/private-key.ts'
import type { ImageSigner } from '../src/sign/signer.ts'
import { planWitnesses } from '../src/sign/witness-plan.ts'
import { NO_SERVICES } from '../src/sigstore/signing-services.ts'
import type { Verdict } from '../src/verify/verifier.ts'
import { Cosign, type CosignKeys, PASSWORD } from './cosign.ts'
import { newFolder } from './new-folder.ts'
import { pushBareSample } from './push-sample.ts'
import { REGISTRY_KINDS, type RealRegistry, type RegistryKind, startRealRegistry } from './real-registry.ts'
import { missingTools, toolPath } from './tools.ts'

const FORMS = ['bundle', 'tag'] as const
/** Whatever cosign, CSV, JSON or a shell could stumble over. */
const ANNOTATIONS = { stage: 'prod', list: 'a,b="c"', url: 'https://example.com/?a=b&c=<d>', empty: '' }
const verifier = offlineVerifier()

for (const kind of REGISTRY_KINDS) {
  const skip = missingTools('cosign', kind === 'distribution' ? 'registry' : 'referrers-registry')
  describe(`cosign and the native code agree in ${kind}`, { skip }, () => describeAgreement(kind))
}

interface Bench {
  readonly folder: string
  readonly cosign: Cosign
  readonly registry: RealRegistry
  readonly registries: RemoteRegistries
}

async function openBench(kind: RegistryKind): Promise<Bench> {
  const folder = await newFolder()
  const registry = await startRealRegistry(kind)
  const registries = new RemoteRegistries({ credentials: [], insecure: [] })
  return { folder, cosign: new Cosign(folder), registry, registries }
}

async function closeBench({ folder, registry, registries }: Bench): Promise<void> {
  await registries.close()
  await registry[Symbol.asyncDispose]()
  await rm(folder, { recursive: true, force: true })
}

/** Writes a key pair as cosign keeps it. */
async function writeKeys({ folder }: Bench, name: string, keys: KeyPair): Promise<CosignKeys> {
  const paths = { key: join(folder, `${name}.key`), publicKey: join(folder, `${name}.pub`) }
  await writeFile(paths.key, encryptCosignKey(keys.privateKey, PASSWORD))
  await writeFile(paths.publicKey, keys.publicPem)
  return paths
}

async function pushImage({ registry: { host } }: Bench, name: string): Promise<PinnedReference> {
  const { index } = await pushBareSample({ host, repository: name, seed: name })
  return parsePinnedReference(`${host}/${name}@${index.digest}`)
}

async function signWith({ registries }: Bench, signer: ImageSigner, { repository, digest }: PinnedReference) {
  const target = registries.target(repository)
  const graph = await discoverGraph(target, digest)
  assert.ok(graph)
  return Array.fromAsync(signer.sign(graph, target))
}

async function verdictOf(
  { registries }: Bench,
  { repository, digest }: PinnedReference,
  keys: CosignKeys,
  requireAnnotations: Annotations = {},
): Promise<Verdict> {
  const source = registries.source(repository)
  const graph = await discoverGraph(source, digest)
  assert.ok(graph)
  const publicKey = parsePublicKey(await readFile(keys.publicKey, 'utf8'), keys.publicKey)
  return verifier.verify(graph, source, signedBy(keySigner(publicKey), requireAnnotations))
}

async function cosignSigner(keys: CosignKeys, key: KeySource, password = PASSWORD): Promise<CosignSigner> {
  const publicKey = parsePublicKey(await readFile(keys.publicKey, 'utf8'), keys.publicKey)
  return new CosignSigner({
    cosign: new CosignProgram({
      path: toolPath('cosign'),
      environment: {
        PATH: process.env.PATH,
        HOME: tmpdir(),
        COSIGN_REPOSITORY: 'registry.invalid/elsewhere',
      },
      login: () => undefined,
      insecure: () => false,
    }),
    credential: { by: 'key', key, password: new Secret(password), publicKey },
    witnesses: planWitnesses({ by: 'key', transparency: 'none', forms: FORMS }, NO_SERVICES),
    trustedRoot: () => Promise.reject(new Error('a key needs no trusted root')),
    annotations: ANNOTATIONS,
    format: 'both',
    verifier,
  })
}

function textOf({ repository: { registry, path }, digest }: PinnedReference): string {
  return `${registry}/${path}@${digest}`
}

function describeAgreement(kind: RegistryKind): void {
  let bench: Bench

  before(async () => {
    bench = await openBench(kind)
  })

  after(() => bench && closeBench(bench))

  for (const type of ['ec', 'rsa'] as const) {
    test(`cosign verifies what the native signer signs with a key of ${type}`, async () => {
      const keys = await writeKeys(bench, `native-${type}`, buildKeys(type))
      const image = await pushImage(bench, `native-${type}`)
      const key = await parsePrivateKey(await readFile(keys.key, 'utf8'), PASSWORD, keys.key)
      const signer = new NativeSigner({
        maker: keyMaker(key),
        annotations: ANNOTATIONS,
        format: 'both',
        verifier,
      })
      assert.deepEqual(await signWith(bench, signer, image), ['bundle', 'tag'])
      for (const form of FORMS) {
        await bench.cosign.verify(form, keys, textOf(image), { stage: 'prod' })
        await assert.rejects(bench.cosign.verify(form, keys, textOf(image), { stage: 'test' }))
      }
      assert.deepEqual(await signWith(bench, signer, image), [])
    })

    test(`the native verifier verifies what cosign signs with a key of ${type}, and no attestation`, async () => {
      const keys = await writeKeys(bench, `cosign-${type}`, buildKeys(type))
      const image = await pushImage(bench, `cosign-${type}`)
      await bench.cosign.attest(keys, textOf(image))
      assert.equal((await verdictOf(bench, image, keys)).satisfied, false)
      for (const form of FORMS) await bench.cosign.sign(form, keys, textOf(image), { k: 'v' })
      const { signatures } = await verdictOf(bench, image, keys, { k: 'v' })
      assert.deepEqual(signatures.map(({ form, counts }) => `${form} ${counts}`).toSorted(), [
        'bundle true',
        'tag true',
      ])
      assert.ok(!(await verdictOf(bench, image, keys, { k: 'other' })).satisfied)
    })
  }

  test('the native signer adds to the signatures that cosign made, and both verify', async () => {
    const [ours, theirs] = [buildKeys(), await bench.cosign.generateKeys('theirs')]
    const keys = await writeKeys(bench, 'ours', ours)
    const image = await pushImage(bench, 'both')
    for (const form of FORMS) await bench.cosign.sign(form, theirs, textOf(image))
    const signer = new NativeSigner({
      maker: keyMaker(ours.privateKey),
      annotations: {},
      format: 'both',
      verifier,
    })
    await signWith(bench, signer, image)
    for (const each of [keys, theirs]) {
      for (const form of FORMS) await bench.cosign.verify(form, each, textOf(image))
    }
  })

  for (const from of ['a file', 'a variable'] as const) {
    test(`the cosign signer signs with a key from ${from}, once, and states every annotation`, async () => {
      const keys = await bench.cosign.generateKeys(from)
      const image = await pushImage(bench, `signer-${from.replaceAll(' ', '-')}`)
      const text = new Secret(await readFile(keys.key, 'utf8'))
      const source = from === 'a file' ? { path: keys.key } : { variable: 'KEY', text }
      const signer = await cosignSigner(keys, source)
      assert.deepEqual(await signWith(bench, signer, image), ['bundle', 'tag'])
      const { signatures } = await verdictOf(bench, image, keys, ANNOTATIONS)
      assert.deepEqual(
        signatures.map(({ counts, annotations }) => ({ counts, annotations })),
        signatures.map(() => ({ counts: true, annotations: ANNOTATIONS })),
      )
      assert.equal(signatures.length, 2)
      assert.deepEqual(await signWith(bench, signer, image), [])
    })
  }

  test('the cosign signer says in the words of cosign why a key did not sign', async () => {
    const keys = await bench.cosign.generateKeys('wrong')
    const image = await pushImage(bench, 'wrong')
    const signer = await cosignSigner(keys, { path: keys.key }, 'not the password')
    await assert.rejects(
      () => signWith(bench, signer, image),
      (error) => {
        assert.ok(error instanceof PromotionError && error.kind === 'signing')
        assert.match(error.message, /decryption failed/)
        assert.ok(!error.message.includes('not the password'))
        return true
      },
    )
  })
}
