import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { attachedTag } from '../../src/oci/attached-tag.ts'
import { parseRepositoryName } from '../../src/oci/reference.ts'
import type { Plan, PlannedTarget } from '../../src/plan/plan.ts'
import { isEmpty, totalsOf } from '../../src/plan/plan-totals.ts'
import { buildReferrer, buildSbom } from '../builders/build-attached.ts'
import { buildImage } from '../builders/build-image.ts'
import { listedImage } from '../builders/listed-image.ts'

const image = buildImage({ seed: 'totals', layers: 1 })
const sbom = buildSbom(image.descriptor, 'totals')
const referrer = buildReferrer(image.descriptor, 'application/x', 'totals')
const [a, b] = [parseRepositoryName('prod.example/a'), parseRepositoryName('prod.example/b')]

const DONE: PlannedTarget = {
  repository: a,
  there: undefined,
  manifests: [],
  attachedTags: [],
  referrers: [],
  tags: [{ tag: 'v1', action: 'keep' }],
  present: { manifests: 1, blobs: 2, bytes: 3 },
  missing: { manifests: 0, blobs: 0, bytes: 0 },
}

function plan(change: Partial<PlannedTarget>, blobs: Plan['blobs'] = []): Plan {
  const { manifest, digest } = image
  const graph = { root: manifest, manifests: new Map([[digest, manifest]]), attached: [], warnings: [] }
  const targets = [{ ...DONE, ...change }]
  return { images: [{ image: listedImage('dev.example/a', digest), graph, targets }], blobs }
}

const attachedChange = {
  tag: attachedTag(image.digest, 'sbom'),
  artifact: { subject: image.digest, kind: 'sbom', manifest: sbom.manifest },
} as const
const [blob] = image.blobs
const transfer = {
  blob: blob?.descriptor ?? image.descriptor,
  source: parseRepositoryName('dev.example/a'),
  targets: [{ repository: a }, { repository: b, mountFrom: a }],
}

test('a plan that keeps everything counts nothing and is empty', () => {
  assert.ok(Object.values(totalsOf(plan({}))).every((number) => number === 0))
  assert.ok(isEmpty(plan({})))
})

test('a blob is counted for each target that it is sent to, and as a mount where it is not sent', () => {
  const totals = totalsOf(
    plan({}, [transfer, { ...transfer, targets: [{ repository: a }, { repository: b }] }]),
  )
  assert.deepEqual([totals.blobs, totals.mounts, totals.bytes], [3, 1, 3 * transfer.blob.size])
})

test('bytes are those of manifests too, whether they are pushed by digest or by tag', () => {
  const { manifests, attachedTags, bytes } = totalsOf(
    plan({ manifests: [image.manifest], attachedTags: [{ ...attachedChange, action: 'create' }] }),
  )
  assert.deepEqual([manifests, attachedTags, bytes], [1, 1, image.descriptor.size + sbom.descriptor.size])
})

describe('a plan is not empty', () => {
  for (const [what, change] of [
    ['with a manifest', { manifests: [image.manifest] }],
    ['with a tag to merge', { attachedTags: [{ ...attachedChange, action: 'merge' }] }],
    ['with a referrer to list', { referrers: [referrer.manifest] }],
    ['with a tag to make', { tags: [{ tag: 'v1', action: 'create' }] }],
    ['with a tag to move', { tags: [{ tag: 'v1', action: 'move', previous: referrer.digest }] }],
  ] as const) {
    test(what, () => assert.ok(!isEmpty(plan(change))))
  }

  test('with a blob to mount', () => {
    const mounts = { ...transfer, targets: [{ repository: b, mountFrom: a }] }
    assert.ok(!isEmpty(plan({}, [mounts])))
  })
})
