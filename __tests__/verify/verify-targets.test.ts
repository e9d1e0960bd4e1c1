import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { copyImages } from '../../src/copy/copy-images.ts'
import { attachedTag } from '../../src/oci/attached-tag.ts'
import type { Descriptor } from '../../src/oci/descriptor.ts'
import type { Digest } from '../../src/oci/digest.ts'
import { NativeVerifier } from '../../src/verify/native-verifier.ts'
import { requireProven, verifyTargets } from '../../src/verify/verify-targets.ts'
import { buildReferrer, buildSignatures } from '../builders/build-attached.ts'
import { buildKeys } from '../builders/build-keys.ts'
import { buildCompleteSample } from '../builders/build-sample.ts'
import { putArtifact } from '../builders/memory-sample.ts'
import { problemsOf } from '../builders/problems-of.ts'
import { SOURCE, WatchedRegistries } from '../builders/watched-registries.ts'

const TARGET = 'prod.example/app'
const keys = buildKeys()
const sample = buildCompleteSample('targets', keys)
const root = sample.image.digest
const { signal } = new AbortController()
const policy = { by: 'key', publicKey: keys.publicKey, requireAnnotations: {} } as const

/** A target to which the sample was copied, and how it is judged. */
async function copied() {
  const registries = new WatchedRegistries(sample)
  const plan = await registries.plan([TARGET, 'eu.example/app'])
  await copyImages(plan, registries, { concurrency: 2, onBytes: () => {} })
  const verify = (judged: Parameters<typeof verifyTargets>[1] = policy) =>
    verifyTargets(plan, judged, { registries, verifier: new NativeVerifier(), signal }, 2)
  const problems = () => problemsOf(async () => requireProven(plan, await verify()))
  return { target: registries.at(TARGET), plan, verify, problems }
}

test('a copy that arrived is whole and proven at every target', async () => {
  const { plan, verify } = await copied()
  const findings = await verify()
  assert.deepEqual(
    findings.map((targets) =>
      targets.map(({ lost, lostBlobs, verdict }) => [lost.length, lostBlobs.length, verdict.satisfied]),
    ),
    [
      [
        [0, 0, true],
        [0, 0, true],
      ],
    ],
  )
  requireProven(plan, findings)
})

test('with somebody else’s signatures merged it still is', async () => {
  const registries = new WatchedRegistries(sample)
  putArtifact(buildSignatures(sample.image.descriptor, [{ keys: buildKeys() }]), registries.at(TARGET))
  const plan = await registries.plan([TARGET])
  await copyImages(plan, registries, { concurrency: 2, onBytes: () => {} })
  const services = { registries, verifier: new NativeVerifier(), signal }
  const findings = await verifyTargets(plan, policy, services, 2)
  requireProven(plan, findings)
  assert.equal(findings[0]?.[0]?.verdict.signatures.length, 3)
})

test('with somebody else’s signatures merged, what hangs on those of the source is found there too', async () => {
  for (const hasReferrersApi of [true, false]) {
    const registries = new WatchedRegistries(sample)
    const sig = sample.attached.find(({ subject, kind }) => subject === root && kind === 'sig')
    assert.ok(sig)
    const note = buildReferrer(sig.artifact.descriptor, 'application/vnd.example.note', 'on the signatures')
    const upon = buildReferrer(note.descriptor, 'application/vnd.example.note', 'on the note')
    for (const artifact of [note, upon]) putArtifact(artifact, registries.at(SOURCE))
    const target = registries.at(TARGET)
    target.hasReferrersApi = hasReferrersApi
    putArtifact(buildSignatures(sample.image.descriptor, [{ keys: buildKeys() }]), target)
    const plan = await registries.plan([TARGET])
    await copyImages(plan, registries, { concurrency: 2, onBytes: () => {} })
    const services = { registries, verifier: new NativeVerifier(), signal }
    const findings = await verifyTargets(plan, policy, services, 2)
    requireProven(plan, findings)
    const attached = findings[0]?.[0]?.graph.attached ?? []
    for (const { digest } of [note, upon])
      assert.equal(attached.filter(({ manifest }) => manifest.descriptor.digest === digest).length, 1)
  }
})

describe('a target is found out', () => {
  test('that lost an attached tag, which is named', async () => {
    const { target, problems } = await copied()
    target.tags.delete(attachedTag(root, 'att'))
    const [error, ...others] = await problems()
    assert.deepEqual([error?.kind, error?.location?.line, others.length], ['incomplete', 1, 0])
    assert.match(
      error?.message ?? '',
      /^prod\.example\/app@sha256:.* is not whole at the target: att sha256:/,
    )
  })

  test('that lost a blob which was sent, which is named', async () => {
    const { target, problems } = await copied()
    const blob = sample.children[1]?.blobs[0]?.descriptor.digest
    assert.ok(blob && target.blobs.delete(blob))
    const [error] = await problems()
    assert.equal(error?.kind, 'incomplete')
    assert.ok(error?.message.includes(`blob ${blob} is missing`))
  })

  test('that lost the image, or a part of it', async () => {
    for (const digest of [root, sample.children[0]?.digest ?? root]) {
      const { target, problems } = await copied()
      target.manifests.delete(digest)
      assert.equal((await problems()).length, 1)
    }
  })

  test('on which the image does not satisfy the policy', async () => {
    const { plan, verify } = await copied()
    const findings = await verify({ ...policy, requireAnnotations: { stage: 'prod' } })
    const errors = await problemsOf(() => requireProven(plan, findings))
    assert.deepEqual(
      errors.map(({ kind, location }) => [kind, location?.line]),
      [
        ['verification', 1],
        ['verification', 1],
      ],
    )
    assert.match(errors[1]?.message ?? '', /^eu\.example\/app@/)
  })
})

test('a registry that lists a new referrer only a moment later is given that moment', async () => {
  const { target, plan, verify } = await copied()
  const list = target.listReferrers.bind(target)
  let asked = 0
  target.listReferrers = async (subject: Digest): Promise<readonly Descriptor[]> => {
    if (subject !== root) return list(subject)
    asked += 1
    return asked === 1 ? [] : list(subject)
  }
  requireProven(plan, await verify())
  assert.equal(asked, 2)
})
