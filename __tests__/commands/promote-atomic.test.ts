import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AtomicSignature } from '../../src/oci/atomic-signature.ts'
import { atomicSignatureJson, buildAtomicSignature } from '../builders/build-atomic-signature.ts'
import { PromotionScene, SOURCE_PATH, TARGET_PATH, writesTo } from '../builders/promotion-scene.ts'
import type { RegistryServer } from '../fakes/registry-server.ts'
import type { RegistrySwitches } from '../fakes/registry-switches.ts'

const KEEPS = { atomicSignatures: 'any' } as const
const LIKE_PULP = { atomicSignatures: 'tagged', referrersApi: false } as const
const PUT = /^PUT \/extensions\//

/** A scene in which the index and a child of it have GPG signatures at the source. */
async function start(...targets: readonly Partial<RegistrySwitches>[]): Promise<{
  readonly scene: PromotionScene
  readonly signatures: readonly AtomicSignature[]
}> {
  await using stack = new AsyncDisposableStack()
  const scene = stack.use(await PromotionScene.start(KEEPS, targets))
  const manifests = scene.sample.image.manifests.slice(-2).map(({ descriptor }) => descriptor.digest)
  const signatures = manifests.map((digest) => buildAtomicSignature(digest))
  for (const signature of signatures) keep(scene.source, SOURCE_PATH, signature)
  stack.move()
  return { scene, signatures }
}

function keep({ store }: RegistryServer, path: string, signature: AtomicSignature): void {
  const { atomic } = store.repository(path)
  atomic.set(signature.subject, [...(atomic.get(signature.subject) ?? []), atomicSignatureJson(signature)])
}

function keptAt({ store }: RegistryServer, { subject }: AtomicSignature): readonly unknown[] {
  return store.repository(TARGET_PATH).atomic.get(subject) ?? []
}

function putsTo(registry: RegistryServer): readonly string[] {
  return writesTo(registry)
    .map(({ method, path }) => `${method} ${path}`)
    .filter((line) => PUT.test(line))
}

for (const target of [KEEPS, LIKE_PULP]) {
  test(`GPG signatures are carried to a registry that keeps them (${target.atomicSignatures}), and a second run sends none`, async () => {
    const { scene, signatures } = await start(target)
    await using _ = scene
    const { exitCode, result } = await scene.run()
    assert.deepEqual([exitCode, result.errors], [0, []])
    for (const signature of signatures) {
      assert.deepEqual(keptAt(scene.target, signature), [atomicSignatureJson(signature)])
    }
    const [image] = result.images
    const entries = (image?.inventory ?? []).filter(({ kind }) => kind === 'atomic')
    assert.equal(entries.length, 2)
    assert.deepEqual(
      image?.targets[0]?.inventory.filter(({ kind }) => kind === 'atomic').toSorted(bySubject),
      entries.toSorted(bySubject),
    )
    assert.deepEqual(image?.targets[0]?.leftBehind, [])

    scene.target.requests.length = 0
    const again = await scene.run()
    assert.equal(again.exitCode, 0)
    assert.deepEqual(writesTo(scene.target), [])
    assert.equal(again.result.images[0]?.targets[0]?.outcome, 'present')
  })
}

function bySubject(one: { readonly subject: string }, other: { readonly subject: string }): number {
  return one.subject < other.subject ? -1 : 1
}

test('a signature that came later is carried alone, and those of others at the target stay', async () => {
  const { scene, signatures } = await start(LIKE_PULP)
  await using _ = scene
  await scene.run()
  const [signature] = signatures
  assert.ok(signature)
  const others = buildAtomicSignature(signature.subject, 'somebody else')
  const later = buildAtomicSignature(signature.subject, 'a second release engineer')
  keep(scene.target, TARGET_PATH, others)
  keep(scene.source, SOURCE_PATH, later)

  scene.target.requests.length = 0
  const planned = await scene.run({ command: 'plan' })
  assert.equal(planned.exitCode, 2)
  const { exitCode, result } = await scene.run()
  assert.equal(exitCode, 0)
  assert.equal(result.images[0]?.targets[0]?.outcome, 'copied')
  assert.equal(scene.target.requestsBy('PUT').length, 1)
  assert.deepEqual(
    keptAt(scene.target, signature),
    [signature, others, later].map((one) => atomicSignatureJson(one)),
  )
})

test('a registry without the extension gets none, is not asked, and the run says what was left behind', async () => {
  const { scene } = await start({}, KEEPS)
  await using _ = scene
  const { exitCode, result, reporter } = await scene.run()
  assert.equal(exitCode, 0)
  const [without, kept] = result.images[0]?.targets ?? []
  assert.deepEqual([without?.leftBehind.length, kept?.leftBehind.length], [2, 0])
  const warnings = reporter.warnings.map(({ message }) => message).filter((text) => text.includes('left'))
  assert.equal(warnings.length, 1)
  assert.match(String(warnings[0]), /^2 GPG signatures of .* left behind: \S+ has no place for them/)
  assert.deepEqual(
    scene.targets[0]?.requests.filter(({ path }) => path.startsWith('/extensions/')),
    [],
  )
})

test('where no tag leads to the image and the registry wants one, the run fails and says what to do', async () => {
  const { scene } = await start(LIKE_PULP)
  await using _ = scene
  const { exitCode, result } = await scene.run({ tags: '' })
  assert.equal(exitCode, 8)
  assert.match(result.errors[0]?.message ?? '', /does not take the GPG signature sha256:/)
  assert.match(result.errors[0]?.hint ?? '', /`tags`/)
})

test('a signature that is taken and not given back fails the run before a tag moves', async () => {
  const { scene, signatures } = await start(KEEPS)
  await using _ = scene
  const { atomic } = scene.target.store.repository(TARGET_PATH)
  atomic.set = () => atomic
  const { exitCode, result } = await scene.run()
  assert.equal(exitCode, 8)
  assert.match(result.errors[0]?.message ?? '', /took the GPG signature .* and does not give it back/)
  assert.equal(scene.tagAt(scene.target, 'v1'), undefined)
  assert.equal(putsTo(scene.target).length, signatures.length)
})
