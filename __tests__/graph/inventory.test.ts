import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { ImageGraph } from '../../src/graph/image-graph.ts'
import { inventoryOf, lostAt } from '../../src/graph/inventory.ts'
import { makeImageManifest, makeIndexManifest } from '../../src/oci/manifest.ts'
import { buildSignatures } from '../builders/build-attached.ts'
import { buildKeys } from '../builders/build-keys.ts'
import { buildCompleteSample } from '../builders/build-sample.ts'
import { graphOfSample } from '../builders/memory-sample.ts'
import { mergedManifest } from '../builders/merged-manifest.ts'

const sample = buildCompleteSample('inventory', buildKeys())
const graph = await graphOfSample(sample)
const root = sample.image.digest

/** The graph with other `.sig` manifests under the tag of its root. */
function signedAgain(change: (graph: ImageGraph) => ImageGraph['attached']): ImageGraph {
  return { ...graph, attached: change(graph) }
}

function ofRoot({ attached }: ImageGraph) {
  const own = attached.find(({ subject, kind }) => subject === root && kind === 'sig')
  assert.ok(own?.manifest.kind === 'image')
  return { own, manifest: own.manifest }
}

test('an inventory names the image, its children and every attachment once, each with its subject', () => {
  const entries = inventoryOf(graph)
  assert.deepEqual(entries[0], { subject: root, kind: 'image', digest: root })
  assert.deepEqual(
    entries.filter(({ kind }) => kind === 'child').map(({ digest }) => digest),
    sample.children.map(({ digest }) => digest),
  )
  assert.equal(entries.length, 1 + sample.children.length + sample.attached.length)
  for (const { subject, kind, artifact } of sample.attached) {
    const same = entries.filter((entry) => entry.subject === subject && entry.kind === kind)
    assert.ok(same.some(({ digest }) => digest === artifact.digest))
  }
})

describe('what was lost', () => {
  test('is nothing where all is there, and nothing where there is more', () => {
    assert.deepEqual(lostAt(graph, graph), [])
    const plain = { ...graph, attached: [] }
    assert.deepEqual(lostAt(graph, plain), [])
  })

  test('names each attachment that is not at the target', () => {
    for (const missing of graph.attached) {
      const target = { ...graph, attached: graph.attached.filter((one) => one !== missing) }
      const { subject, kind } = missing
      assert.deepEqual(lostAt(target, graph), [{ subject, kind, digest: missing.manifest.descriptor.digest }])
    }
  })

  test('names a child that is not at the target', () => {
    const child = sample.children[1]?.digest
    assert.ok(child)
    const manifests = new Map([...graph.manifests].filter(([digest]) => digest !== child))
    assert.deepEqual(lostAt({ ...graph, manifests }, graph), [
      { subject: root, kind: 'child', digest: child },
    ])
  })

  test('is not a .sig that was merged with those of others', async () => {
    const others = buildSignatures(sample.image.descriptor, [{ keys: buildKeys() }])
    const { own, manifest } = ofRoot(graph)
    const { manifest: merged } = await mergedManifest(others, manifest)
    const target = signedAgain(({ attached }) =>
      attached.map((one) => (one === own ? { ...own, manifest: merged } : one)),
    )
    assert.deepEqual(lostAt(target, graph), [])
  })

  test('is an .sbom in whose place a larger one stands: cosign reads exactly one', () => {
    const own = graph.attached.find(({ subject, kind }) => subject === root && kind === 'sbom')
    assert.ok(own?.manifest.kind === 'image')
    const { config, layers } = own.manifest
    const manifest = makeImageManifest({ config, layers: [...layers, config] })
    const target = {
      ...graph,
      attached: graph.attached.map((one) => (one === own ? { ...own, manifest } : one)),
    }
    assert.deepEqual(lostAt(target, graph), [
      { subject: root, kind: 'sbom', digest: own.manifest.descriptor.digest },
    ])
  })

  test('is a .sig of which a layer is missing, or in whose place something else stands', () => {
    const { own } = ofRoot(graph)
    const others = buildSignatures(sample.image.descriptor, [{ keys: buildKeys() }]).manifest
    for (const manifest of [others, makeIndexManifest([])]) {
      const target = signedAgain(({ attached }) =>
        attached.map((one) => (one === own ? { ...own, manifest } : one)),
      )
      const digest = own.manifest.descriptor.digest
      assert.deepEqual(lostAt(target, graph), [{ subject: root, kind: 'sig', digest }])
    }
  })
})
