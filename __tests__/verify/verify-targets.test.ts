import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { copyImages } from '../../src/copy/copy-images.ts'
import { PromotionError } from '../../src/errors.ts'
import { attachedTag } from '../../src/oci/attached-tag.ts'
import type { Descriptor } from '../../src/oci/descriptor.ts'
import type { Digest } from '../../src/oci/digest.ts'
import { forEveryImage, keySigner, signedBy } from '../../src/policy/make-demand.ts'
import type { VerificationPolicy } from '../../src/policy/policy.ts'
import { requireProven, verifyTargets } from '../../src/verify/verify-targets.ts'
import { buildReferrer, buildSignatures } from '../builders/build-attached.ts'
import { buildKeys } from '../builders/build-keys.ts'
import { buildCompleteSample } from '../builders/build-sample.ts'
import { FULL_PROOF } from '../builders/copy-options.ts'
import { putArtifact, putSample } from '../builders/memory-sample.ts'
import { offlineVerifier } from '../builders/offline-verifier.ts'
import { problemsOf } from '../builders/problems-of.ts'
import { SOURCE, WatchedRegistries } from '../builders/watched-registries.ts'
import type { WatchedRepository } from '../fakes/watched-repository.ts'

const TARGET = 'prod.example/app'
const keys = buildKeys()
const sample = buildCompleteSample('targets', keys)
const root = sample.image.digest
const { signal } = new AbortController()
const policy = forEveryImage(signedBy(keySigner(keys.publicKey)))
const strict = forEveryImage(signedBy(keySigner(keys.publicKey), { stage: 'prod' }))

/** A target to which the sample was copied, and how it is judged. */
async function copied(until = signal) {
  const registries = new WatchedRegistries(sample)
  const plan = await registries.plan([TARGET, 'eu.example/app'])
  const outcomes = await copyImages(plan, registries, FULL_PROOF)
  const target = registries.at(TARGET)
  target.asked.length = 0
  const verify = (judged: VerificationPolicy = policy) =>
    verifyTargets(plan, { copied: outcomes, verdicts: [] }, judged, {
      registries,
      verifier: offlineVerifier(),
      signal: until,
    })
  const problems = () => problemsOf(async () => requireProven(plan, await verify()))
  return { target, plan, verify, problems, outcomes }
}

test('a copy that arrived is whole and proven at every target', async () => {
  const { plan, verify } = await copied()
  const findings = await verify()
  assert.deepEqual(
    findings.map((targets) => targets.map(({ lost, verdict }) => [lost.length, verdict.satisfied])),
    [
      [
        [0, true],
        [0, true],
      ],
    ],
  )
  requireProven(plan, findings)
})

test('with somebody else’s signatures merged it still is', async () => {
  const registries = new WatchedRegistries(sample)
  putArtifact(buildSignatures(sample.image.descriptor, [{ keys: buildKeys() }]), registries.at(TARGET))
  const plan = await registries.plan([TARGET])
  const outcomes = await copyImages(plan, registries, FULL_PROOF)
  const services = { registries, verifier: offlineVerifier(), signal }
  const findings = await verifyTargets(plan, { copied: outcomes, verdicts: [] }, policy, services)
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
    const outcomes = await copyImages(plan, registries, FULL_PROOF)
    const services = { registries, verifier: offlineVerifier(), signal }
    const findings = await verifyTargets(plan, { copied: outcomes, verdicts: [] }, policy, services)
    requireProven(plan, findings)
    const attached = findings[0]?.[0]?.graph.attached ?? []
    for (const { digest } of [note, upon])
      assert.equal(attached.filter(({ manifest }) => manifest.descriptor.digest === digest).length, 1)
  }
})

describe('a target is found out', () => {
  /** A target that had all but one referrer before the copy, so that copying has written only that, and loses something since. */
  async function nearlyUnchanged(lose: (target: WatchedRepository) => void) {
    const registries = new WatchedRegistries(sample)
    const target = registries.at(TARGET)
    target.hasReferrersApi = false
    putSample(sample, target)
    const scan = sample.attached.find(({ kind }) => kind === 'referrer')
    assert.ok(scan && target.listed.delete(scan.artifact.digest))
    const plan = await registries.plan([TARGET])
    const outcomes = await copyImages(plan, registries, FULL_PROOF)
    const { digest } = scan.artifact
    assert.deepEqual(target.writes, [`list ${digest}`])
    lose(target)
    const services = { registries, verifier: offlineVerifier(), signal }
    return problemsOf(async () =>
      requireProven(plan, await verifyTargets(plan, { copied: outcomes, verdicts: [] }, policy, services)),
    )
  }

  test('that lost an attached tag, which is named', async () => {
    const [error, ...others] = await nearlyUnchanged(({ tags }) => tags.delete(attachedTag(root, 'att')))
    assert.deepEqual([error?.kind, error?.location?.line, others.length], ['incomplete', 1, 0])
    assert.match(
      error?.message ?? '',
      /^prod\.example\/app@sha256:.* is not whole at the target: att sha256:/,
    )
  })

  test('that lost the image, or a part of it', async () => {
    for (const digest of [root, sample.children[0]?.digest ?? root]) {
      const [error, ...others] = await nearlyUnchanged(({ manifests }) => manifests.delete(digest))
      assert.deepEqual([error?.kind, error?.location?.line, others.length], ['incomplete', 1, 0])
    }
  })

  test('that lost the image after it was written', async () => {
    const { target, problems } = await copied()
    target.manifests.delete(root)
    const [error, ...others] = await problems()
    assert.equal(others.length, 0)
    assert.equal(error?.message, `prod.example/app@${root} is not there (404), though the registry took it`)
  })

  test('on which the image does not satisfy the policy', async () => {
    const { plan, verify } = await copied()
    const findings = await verify(strict)
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

test('what copying has read back is not read again, and what is not of the image not at all', async () => {
  const { target, verify, outcomes } = await copied()
  const other = buildReferrer(
    sample.children[1]?.descriptor ?? sample.image.descriptor,
    'application/x',
    'theirs',
  )
  putArtifact(other, target)
  await verify()
  const [outcome] = outcomes.flat()
  const known = [...(outcome?.proven.keys() ?? []), ...(outcome?.tagged.keys() ?? [])]
  assert.ok(known.length > 0)
  for (const reference of known) assert.ok(!target.asked.includes(`fetch ${reference}`))
  const subjects = new Set(sample.attached.map(({ subject }) => `referrers ${subject}`))
  assert.deepEqual(new Set(target.askedFor('referrers')), subjects)
  assert.deepEqual(target.askedFor('tags', 'resolve', 'has', 'whole'), [])
  const listed = sample.attached.filter(({ kind }) => kind === 'referrer')
  assert.deepEqual(
    new Set(target.askedFor('fetch')),
    new Set([root, ...listed.map(({ artifact }) => artifact.digest)].map((digest) => `fetch ${digest}`)),
  )
})

test('a target to which nothing was written is judged by what the plan read there', async () => {
  const registries = new WatchedRegistries(sample)
  const target = registries.at(TARGET)
  putSample(sample, target, 'v1')
  const plan = await registries.plan([TARGET], { tags: ['v2'] })
  const outcomes = await copyImages(plan, registries, FULL_PROOF)
  target.asked.length = 0
  const services = { registries, verifier: offlineVerifier(), signal }
  const findings = await verifyTargets(plan, { copied: outcomes, verdicts: [] }, policy, services)
  requireProven(plan, findings)
  assert.equal(findings[0]?.[0]?.graph, plan.images[0]?.targets[0]?.there)
  assert.deepEqual(target.asked, [])
  const refused = await verifyTargets(plan, { copied: outcomes, verdicts: [] }, strict, services)
  assert.equal((await problemsOf(() => requireProven(plan, refused)))[0]?.kind, 'verification')
})

test('an unchanged target with the source’s signatures is judged as the source was, and one with others by its own', async () => {
  const judged = { satisfied: false, signatures: [], lacking: [] }
  for (const [others, verdict] of [
    [[], judged],
    [[buildReferrer(sample.image.descriptor, 'application/vnd.example.note', 'of its own')], undefined],
  ] as const) {
    const registries = new WatchedRegistries(sample)
    const target = registries.at(TARGET)
    putSample(sample, target)
    for (const other of others) putArtifact(other, target)
    const plan = await registries.plan([TARGET])
    const copied = await copyImages(plan, registries, FULL_PROOF)
    target.reads.length = 0
    const services = { registries, verifier: offlineVerifier(), signal }
    const findings = await verifyTargets(plan, { copied, verdicts: [judged] }, policy, services)
    assert.equal(findings[0]?.[0]?.verdict === judged, verdict === judged)
    assert.equal(target.reads.length === 0, verdict === judged)
  }
})

test('a target to which something was written is never judged as the source was', async () => {
  const { plan, outcomes } = await copied()
  const registries = new WatchedRegistries(sample)
  for (const name of [TARGET, 'eu.example/app']) putSample(sample, registries.at(name))
  const services = { registries, verifier: offlineVerifier(), signal }
  const judged = { satisfied: false, signatures: [], lacking: [] }
  const findings = await verifyTargets(plan, { copied: outcomes, verdicts: [judged] }, policy, services)
  assert.deepEqual(
    findings.flat().map(({ verdict }) => verdict.satisfied),
    [true, true],
  )
})

describe('a registry that lists a new referrer only a moment later', { concurrency: true }, () => {
  /** Hides the referrers of the root for so many looks. */
  async function hiding(looks: number, until = signal) {
    const { target, ...scene } = await copied(until)
    const list = target.listReferrers.bind(target)
    let asked = 0
    target.listReferrers = async (subject: Digest): Promise<readonly Descriptor[]> => {
      if (subject !== root) return list(subject)
      asked += 1
      return asked <= looks ? [] : list(subject)
    }
    return { ...scene, asked: () => asked }
  }

  test('is given that moment', async () => {
    const { plan, verify, asked } = await hiding(1)
    requireProven(plan, await verify())
    assert.equal(asked(), 2)
  })

  test('is not waited for when the run is stopped', async () => {
    const stop = new AbortController()
    const { verify, asked } = await hiding(99, stop.signal)
    const reason = new PromotionError('interrupted', 'The run was ended')
    setImmediate(() => setImmediate(() => stop.abort(reason)))
    assert.deepEqual(await problemsOf(verify), [reason])
    assert.equal(asked(), 1)
  })
})
