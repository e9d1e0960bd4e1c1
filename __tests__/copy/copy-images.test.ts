import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { copyImages } from '../../src/copy/copy-images.ts'
import { type CopyOutcome, requireCopied } from '../../src/copy/outcome.ts'
import { PromotionError } from '../../src/errors.ts'
import { discoverGraph } from '../../src/graph/discover-graph.ts'
import { lostAt } from '../../src/graph/inventory.ts'
import { attachedTag, fallbackTag } from '../../src/oci/attached-tag.ts'
import { makeIndexManifest } from '../../src/oci/manifest.ts'
import type { Plan } from '../../src/plan/plan.ts'
import { totalsOf } from '../../src/plan/plan-totals.ts'
import { buildSbom, buildSignatures } from '../builders/build-attached.ts'
import { buildKeys } from '../builders/build-keys.ts'
import { buildCompleteSample } from '../builders/build-sample.ts'
import { FULL_PROOF } from '../builders/copy-options.ts'
import { putArtifact } from '../builders/memory-sample.ts'
import { problemsOf } from '../builders/problems-of.ts'
import { WatchedRegistries } from '../builders/watched-registries.ts'

const TARGET = 'prod.example/app'
const sample = buildCompleteSample('copy', buildKeys())
const second = buildCompleteSample('second', buildKeys())
const root = sample.image.digest
const sig = attachedTag(root, 'sig')

async function copy(plan: Plan, registries: WatchedRegistries, onBytes = (_sent: number) => {}) {
  return (await copyImages(plan, registries, { ...FULL_PROOF, onBytes })).flat()
}

/** The one outcome of one image at one target. */
async function copyOne(
  registries: WatchedRegistries,
  prepare: (plan: Plan) => void = () => {},
): Promise<CopyOutcome> {
  const plan = await registries.plan([TARGET])
  prepare(plan)
  const [outcome, ...others] = await copy(plan, registries)
  assert.ok(outcome && others.length === 0)
  return outcome
}

for (const hasReferrersApi of [true, false]) {
  test(`everything arrives, in a target ${hasReferrersApi ? 'with' : 'without'} the referrers API`, async () => {
    const registries = new WatchedRegistries(sample)
    const target = registries.at(TARGET)
    target.hasReferrersApi = hasReferrersApi
    const outcome = await copyOne(registries)
    assert.equal(outcome.error, undefined)
    const arrived = await discoverGraph(target, root)
    const [planned] = (await registries.plan([TARGET])).images
    assert.ok(arrived && planned)
    assert.deepEqual(lostAt(arrived, planned.graph), [])
    for (const [digest, manifest] of planned.graph.manifests)
      assert.deepEqual(target.manifests.get(digest)?.bytes, manifest.bytes)
  })
}

test('writes in the order in which registries take them: blobs, children, index, attached tags, listings', async () => {
  const registries = new WatchedRegistries(sample)
  await copyOne(registries)
  const { writes } = registries.at(TARGET)
  const phases = writes.map((write) => write.split(' ')[0])
  assert.deepEqual(
    phases,
    phases.toSorted((one, other) => ORDER.indexOf(one ?? '') - ORDER.indexOf(other ?? '')),
  )
  const at = (digest: string) => writes.indexOf(`manifest ${digest}`)
  for (const child of sample.children) assert.ok(at(child.digest) >= 0 && at(child.digest) < at(root))
})
const ORDER = ['blob', 'manifest', 'tag', 'list']

test('no tag is written but those of attached artifacts', async () => {
  const registries = new WatchedRegistries(sample)
  const plan = await registries.plan([TARGET], { tags: ['v1', 'latest'] })
  await copy(plan, registries)
  assert.deepEqual(
    [...registries.at(TARGET).tags.keys()].toSorted(),
    sample.attached.flatMap(({ artifact }) => artifact.attachedTag ?? []).toSorted(),
  )
})

test('the bare fallback tag of the source is never copied', async () => {
  const registries = new WatchedRegistries(sample)
  const source = registries.at('dev.example/app')
  const list = makeIndexManifest([])
  source.manifests.set(list.descriptor.digest, list)
  source.tags.set(fallbackTag(root), list.descriptor.digest)
  await copyOne(registries)
  assert.ok(!registries.at(TARGET).manifests.has(list.descriptor.digest))
})

test('a blob that several images share is sent once, and counted as theirs in each', async () => {
  const registries = new WatchedRegistries(sample, second)
  await copy(await registries.plan([TARGET]), registries)
  const blobs = registries.at(TARGET).writes.filter((write) => write.startsWith('blob '))
  assert.equal(new Set(blobs).size, blobs.length)
})

test('progress grows to what was planned, in bytes', async () => {
  const registries = new WatchedRegistries(sample)
  const plan = await registries.plan([TARGET, 'eu.example/app'])
  const seen: number[] = []
  await copy(plan, registries, (sent) => seen.push(sent))
  assert.deepEqual(
    seen,
    seen.toSorted((one, other) => one - other),
  )
  assert.equal(seen.at(-1), totalsOf(plan).bytes)
})

describe('an image that fails', () => {
  const refuse = (what: string) => (write: string) =>
    write === what ? Promise.reject(new PromotionError('registry', `403 for ${what}`)) : undefined

  test('does not stop the others, and its error is on its line', async () => {
    const registries = new WatchedRegistries(sample, second)
    const child = second.children[0]
    assert.ok(child)
    registries.at(TARGET).before = refuse(`manifest ${child.digest}`)
    const [first, failed] = await copy(await registries.plan([TARGET]), registries)
    assert.equal(first?.error, undefined)
    assert.equal(failed?.error?.message, `403 for manifest ${child.digest}`)
    assert.equal(failed?.error?.location?.line, 2)
    assert.ok(registries.at(TARGET).manifests.has(root))
    assert.ok(!registries.at(TARGET).manifests.has(second.image.digest))
  })

  test('at one target still arrives at the other', async () => {
    const registries = new WatchedRegistries(sample)
    registries.at(TARGET).before = refuse(`manifest ${root}`)
    const [failed, arrived] = await copy(await registries.plan([TARGET, 'eu.example/app']), registries)
    assert.equal(failed?.error?.kind, 'registry')
    assert.equal(arrived?.error, undefined)
    assert.ok(registries.at('eu.example/app').manifests.has(root))
  })

  test('for want of a blob has none of its manifests pushed', async () => {
    const registries = new WatchedRegistries(sample)
    const [blob] = sample.image.blobs
    registries.at(TARGET).before = refuse(`blob ${blob?.descriptor.digest}`)
    const outcome = await copyOne(registries)
    assert.equal(outcome.error?.message, `403 for blob ${blob?.descriptor.digest}`)
    assert.equal(registries.at(TARGET).manifests.size, 0)
  })
})

describe('what others put under an attached tag', () => {
  const theirs = buildKeys()
  const foreign = buildSignatures(sample.image.descriptor, [{ keys: theirs }])

  test('before the plan is kept, and their signature stands beside ours', async () => {
    const registries = new WatchedRegistries(sample)
    putArtifact(foreign, registries.at(TARGET))
    const outcome = await copyOne(registries)
    assert.deepEqual(outcome.merged, [sig])
    assertBoth(registries)
  })

  test('between plan and copy is kept as well', async () => {
    const registries = new WatchedRegistries(sample)
    const outcome = await copyOne(registries, () => putArtifact(foreign, registries.at(TARGET)))
    assert.equal(outcome.error, undefined)
    assert.deepEqual(outcome.merged, [sig])
    assertBoth(registries)
  })

  test('and is ours already is not written again, and not counted as sent', async () => {
    const registries = new WatchedRegistries(sample)
    const own = sample.attached.find(({ subject, kind }) => subject === root && kind === 'sig')
    assert.ok(own)
    const outcome = await copyOne(registries, () => putArtifact(own.artifact, registries.at(TARGET)))
    assert.equal(outcome.error, undefined)
    assert.deepEqual(outcome.merged, [])
    assert.ok(!registries.at(TARGET).writes.includes(`tag ${sig}`))
    assert.ok(!outcome.manifests.some(({ digest }) => digest === own.artifact.digest))
  })

  test('since the plan, and cannot be merged, is a conflict and stays', async () => {
    for (const [kind, artifact] of [
      ['sbom', buildSbom(sample.image.descriptor, 'another').manifest],
      ['sig', makeIndexManifest([])],
    ] as const) {
      const registries = new WatchedRegistries(sample)
      const target = registries.at(TARGET)
      const tag = attachedTag(root, kind)
      const outcome = await copyOne(registries, () => {
        target.manifests.set(artifact.descriptor.digest, artifact)
        target.tags.set(tag, artifact.descriptor.digest)
      })
      assert.equal(outcome.error?.kind, 'conflict')
      assert.equal(target.tags.get(tag), artifact.descriptor.digest)
    }
  })

  function assertBoth(registries: WatchedRegistries): void {
    const target = registries.at(TARGET)
    const merged = target.manifests.get(target.tags.get(sig) ?? root)
    const own = sample.attached.find(({ subject, kind }) => subject === root && kind === 'sig')
    assert.ok(merged?.kind === 'image' && own?.artifact.manifest.kind === 'image')
    assert.ok(foreign.manifest.kind === 'image')
    assert.deepEqual(merged.layers, [...foreign.manifest.layers, ...own.artifact.manifest.layers])
    assert.ok(target.blobs.has(merged.config.digest))
  }
})

test('the failures of several images are thrown together, one that they share once', async () => {
  const shared = new PromotionError('registry', 'the source broke off')
  const own = new PromotionError('conflict', 'a tag is taken')
  const outcome: CopyOutcome = {
    repository: { registry: 'a', path: 'b' },
    blobs: [],
    manifests: [],
    merged: [],
    proven: new Map(),
    tagged: new Map(),
  }
  const outcomes = [
    [{ ...outcome, error: shared }, outcome],
    [{ ...outcome, error: shared }],
    [{ ...outcome, error: own }],
  ]
  assert.deepEqual(await problemsOf(() => requireCopied(outcomes)), [shared, own])
  assert.deepEqual(await problemsOf(() => requireCopied([[outcome]])), [])
})
