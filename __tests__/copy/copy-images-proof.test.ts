import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { copyImages } from '../../src/copy/copy-images.ts'
import type { CopyOutcome } from '../../src/copy/outcome.ts'
import type { Proving } from '../../src/copy/prove.ts'
import { attachedTag } from '../../src/oci/attached-tag.ts'
import type { Manifest } from '../../src/oci/manifest.ts'
import { childrenOf } from '../../src/oci/manifest.ts'
import { isEmpty } from '../../src/plan/plan-totals.ts'
import { buildReferrer, buildSignatures } from '../builders/build-attached.ts'
import { buildKeys } from '../builders/build-keys.ts'
import { buildCompleteSample } from '../builders/build-sample.ts'
import { FULL_PROOF } from '../builders/copy-options.ts'
import { putArtifact, putSample } from '../builders/memory-sample.ts'
import { SOURCE, WatchedRegistries } from '../builders/watched-registries.ts'

const TARGET = 'prod.example/app'
const sample = buildCompleteSample('proof', buildKeys())
const second = buildCompleteSample('second', buildKeys())
const root = sample.image.digest
const sig = attachedTag(root, 'sig')
const ownSig = sample.attached.find(({ subject, kind }) => subject === root && kind === 'sig')?.artifact
const [child] = sample.children
assert.ok(ownSig && child)

/** Copies to the target; the outcomes are those of the images. */
async function copy(registries: WatchedRegistries, proving: Partial<Proving> = {}) {
  const plan = await registries.plan([TARGET])
  registries.at(TARGET).timeline.length = 0
  return (await copyImages(plan, registries, { ...FULL_PROOF, ...proving })).flat()
}

async function copyOne(registries: WatchedRegistries, proving?: Partial<Proving>): Promise<CopyOutcome> {
  const [outcome] = await copy(registries, proving)
  assert.ok(outcome)
  return outcome
}

/** What has to have happened before a manifest is written, each as events in their order. */
function neededBy(manifest: Manifest, question: string): readonly (readonly string[])[] {
  return [
    ...blobsOf(manifest).map((blob) => [`blob ${blob}`, `${question} ${blob}`]),
    ...childrenOf(manifest).map((below) => [`manifest ${below}`, `fetch ${below}`]),
    ...(manifest.subject ? [[`manifest ${manifest.subject.digest}`]] : []),
  ]
}

function assertInOrder(timeline: readonly string[], events: readonly string[]): void {
  const places = events.map((event) => timeline.indexOf(event))
  const isInOrder = places.every((place, at) => place > (places[at - 1] ?? -1))
  assert.ok(isInOrder, `${events.join(', ')} at ${places.join(', ')}`)
}

function blobsOf(manifest: Manifest): readonly string[] {
  return manifest.kind === 'image' ? [manifest.config, ...manifest.layers].map(({ digest }) => digest) : []
}

describe('nothing is written before all that it refers to is proven to be there', () => {
  for (const [sent, question] of [
    ['full', 'whole'],
    ['head', 'has'],
  ] as const) {
    test(`blobs, children, their index, what is attached (${sent})`, async () => {
      const registries = new WatchedRegistries(sample)
      assert.equal((await copyOne(registries, { sent })).error, undefined)
      const { timeline, manifests, tags } = registries.at(TARGET)
      const nameOf = new Map([...tags].map(([tag, digest]) => [digest, `tag ${tag}`]))
      for (const manifest of manifests.values()) {
        const { digest } = manifest.descriptor
        for (const events of neededBy(manifest, question))
          assertInOrder(timeline, [...events, nameOf.get(digest) ?? `manifest ${digest}`])
      }
      for (const { artifact } of sample.attached)
        assertInOrder(timeline, [
          `manifest ${root}`,
          nameOf.get(artifact.digest) ?? `manifest ${artifact.digest}`,
        ])
    })
  }

  test('children are proven by their bytes, and handed on', async () => {
    const registries = new WatchedRegistries(sample)
    const { proven } = await copyOne(registries)
    assert.deepEqual([...proven.keys()].toSorted(), sample.children.map(({ digest }) => digest).toSorted())
    for (const [digest, manifest] of proven)
      assert.equal(manifest, registries.at(TARGET).manifests.get(digest))
  })
})

describe('a registry that answers 201 and keeps nothing', { concurrency: true }, () => {
  const layer = child.blobs[1]?.descriptor.digest ?? ''
  const payload = ownSig.blobs[1]?.descriptor.digest ?? ''

  for (const [what, blob] of [
    ['a layer', layer],
    ['a signature’s layer', payload],
  ] as const) {
    test(`of ${what} gets no manifest of the image, and the error names the blob`, async () => {
      const registries = new WatchedRegistries(sample)
      const target = registries.at(TARGET)
      target.loses.add(blob)
      const { error, manifests } = await copyOne(registries)
      assert.equal(error?.kind, 'incomplete')
      assert.equal(error?.message, `${TARGET} took the blob ${blob} and does not give it back`)
      assert.equal(error?.location?.line, 1)
      assert.deepEqual([manifests.length, target.manifests.size], [0, 0])
      assert.ok(target.writes.every((write) => write.startsWith('blob ')))
    })
  }

  test('of a child gets no index, and nothing that is attached to it', async () => {
    const registries = new WatchedRegistries(sample)
    const target = registries.at(TARGET)
    target.loses.add(child.digest)
    const { error } = await copyOne(registries)
    assert.equal(error?.message, `${TARGET} took the manifest ${child.digest} and does not give it back`)
    assert.ok(!target.manifests.has(root))
    const others = target.writes.filter((write) => !write.startsWith('blob '))
    const images = sample.children.map(({ digest }) => `manifest ${digest}`)
    assert.ok(others.every((write) => images.includes(write) || isOfLeaf(write)))
    assert.ok(!target.writes.some((write) => write.startsWith('tag ') || write.startsWith('list ')))
  })

  test('of one image’s layer takes another image all the same', async () => {
    const registries = new WatchedRegistries(sample, second)
    registries.at(TARGET).loses.add(layer)
    const [lost, arrived] = await copy(registries)
    assert.deepEqual([lost?.error?.kind, arrived?.error], ['incomplete', undefined])
    assert.ok(registries.at(TARGET).manifests.has(second.image.digest))
    assert.ok(!registries.at(TARGET).manifests.has(root))
  })

  test('for a moment is given that moment, and the copy arrives', async () => {
    const registries = new WatchedRegistries(sample)
    const target = registries.at(TARGET)
    target.showsLate.set(layer, 1)
    target.showsLate.set(child.digest, 1)
    assert.equal((await copyOne(registries)).error, undefined)
    assert.ok(target.manifests.has(root))
  })

  /** `.sig` manifests and the like refer to no manifest, and may be written beside the children. */
  function isOfLeaf(write: string): boolean {
    return sample.attached.some(({ artifact }) => write === `manifest ${artifact.digest}`)
  }
})

test('other bytes under a digest at the target are found out in full, before any manifest is written', async () => {
  const blob = child.blobs[1]?.descriptor
  assert.ok(blob)
  const registries = new WatchedRegistries(sample)
  const target = registries.at(TARGET)
  target.blobs.set(blob.digest, Buffer.alloc(blob.size))
  const { error } = await copyOne(registries)
  assert.ok(error?.message.includes(blob.digest))
  assert.equal(target.manifests.size, 0)
})

test('blobs that are there from an interrupted copy are not sent again, and said to be present', async () => {
  const registries = new WatchedRegistries(sample)
  for (const { descriptor, bytes } of sample.image.blobs)
    registries.at(TARGET).blobs.set(descriptor.digest, bytes)
  const { error, blobs } = await copyOne(registries)
  assert.equal(error, undefined)
  const there = new Set<string>(sample.image.blobs.map(({ descriptor }) => descriptor.digest))
  for (const { blob, action } of blobs) assert.equal(action, there.has(blob.digest) ? 'present' : 'sent')
  assert.ok(!registries.at(TARGET).writes.some((write) => there.has(write.replace('blob ', ''))))
})

test('a plan with nothing to do asks nothing', async () => {
  const registries = new WatchedRegistries(sample)
  putSample(sample, registries.at(TARGET))
  const plan = await registries.plan([TARGET])
  assert.ok(isEmpty(plan))
  for (const place of [SOURCE, TARGET]) registries.at(place).timeline.length = 0
  await copyImages(plan, registries, FULL_PROOF)
  assert.deepEqual([registries.at(SOURCE).timeline, registries.at(TARGET).timeline], [[], []])
})

describe('what stands under attached tags', () => {
  test('is handed on as it was read back', async () => {
    const registries = new WatchedRegistries(sample)
    const { tagged } = await copyOne(registries)
    const { tags, manifests } = registries.at(TARGET)
    assert.deepEqual(
      [...tagged].map(([tag, manifest]) => [tag, manifest.descriptor.digest]).toSorted(),
      [...tags].toSorted(),
    )
    for (const manifest of tagged.values()) assert.equal(manifest, manifests.get(manifest.descriptor.digest))
  })

  test('is what somebody else left there last, and not what was written', async () => {
    const registries = new WatchedRegistries(sample)
    const target = registries.at(TARGET)
    const theirs = buildSignatures(sample.image.descriptor, [{ keys: buildKeys() }])
    const tag = target.tag.bind(target)
    target.tag = async (name, manifest) => {
      await tag(name, manifest)
      // Written over ours, as by a tool that does not merge; what we make of that is merged again.
      if (name === sig && manifest.descriptor.digest === ownSig.digest) putArtifact(theirs, target)
    }
    const { tagged, merged, error } = await copyOne(registries)
    assert.equal(error, undefined)
    assert.deepEqual(merged, [sig])
    const stands = target.tags.get(sig)
    assert.equal(tagged.get(sig)?.descriptor.digest, stands)
    assert.ok(stands !== ownSig.digest && stands !== theirs.digest)
  })

  test('comes beside the source’s own manifest, because something may hang on that', async () => {
    const note = buildReferrer(ownSig.descriptor, 'application/x', 'on the signatures')
    const theirs = buildSignatures(sample.image.descriptor, [{ keys: buildKeys() }])
    for (const [when, early] of [
      ['before the plan', true],
      ['since the plan', false],
    ] as const) {
      const registries = new WatchedRegistries(sample)
      const target = registries.at(TARGET)
      putArtifact(note, registries.at(SOURCE))
      if (early) putArtifact(theirs, target)
      const plan = await registries.plan([TARGET])
      putArtifact(theirs, target)
      const [outcome] = (await copyImages(plan, registries, FULL_PROOF)).flat()
      assert.deepEqual([outcome?.error, outcome?.merged], [undefined, [sig]], when)
      assert.ok(target.manifests.has(ownSig.digest) && target.manifests.has(note.digest), when)
      assert.ok(
        outcome?.manifests.some(({ digest }) => digest === ownSig.digest),
        when,
      )
    }
  })
})
