import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { ImageGraph } from '../../src/graph/image-graph.ts'
import { attachedTag, type TagKind } from '../../src/oci/attached-tag.ts'
import { type Manifest, makeIndexManifest } from '../../src/oci/manifest.ts'
import { parseRepositoryName } from '../../src/oci/reference.ts'
import { findClashes } from '../../src/plan/find-clashes.ts'
import type { LookedAtImage } from '../../src/plan/look-at-image.ts'
import { buildSbom, buildSignatures } from '../builders/build-attached.ts'
import { buildKeys } from '../builders/build-keys.ts'
import { buildCompleteSample } from '../builders/build-sample.ts'
import { listedImage } from '../builders/listed-image.ts'
import { graphOfSample } from '../builders/memory-sample.ts'

const sample = buildCompleteSample('clash', buildKeys())
const graph = await graphOfSample(sample)
const other = await graphOfSample(buildCompleteSample('other', buildKeys()))
const root = sample.image.digest
const STATE = { graph: undefined, tags: new Map<string, never>() }

/** An image of a source on its way to a target. */
function looked(
  image: ImageGraph,
  line = 1,
  source = 'dev.example/app',
  target = 'prod.example/app',
): LookedAtImage {
  const { digest } = image.root.descriptor
  const targets = [{ repository: parseRepositoryName(target), state: STATE }]
  return { image: listedImage(source, digest, line), graph: image, tags: ['v1'], targets }
}

/** The graph with something else under one attached tag of its root. */
function withAnother(kind: TagKind, manifest: Manifest): ImageGraph {
  const others = graph.attached.filter((one) => one.subject !== root || one.kind !== kind)
  return { ...graph, attached: [...others, { subject: root, kind, manifest }] }
}

describe('two images for one tag', () => {
  test('are refused on the line of the second, and both are named', () => {
    const problems = findClashes([looked(graph), looked(other, 7)])
    assert.deepEqual(
      problems.map(({ kind, location }) => [kind, location?.line]),
      [['input', 7]],
    )
    for (const part of ['prod.example/app:v1', root, other.root.descriptor.digest])
      assert.ok(problems[0]?.message.includes(part))
  })

  test('are fine without tags, in different repositories, and when they are the same image', () => {
    const elsewhere = looked(other, 2, 'dev.example/app', 'prod.example/other')
    const untagged = { ...looked(other), tags: [] }
    assert.deepEqual(findClashes([looked(graph), untagged]), [])
    assert.deepEqual(findClashes([looked(graph), elsewhere]), [])
    assert.deepEqual(findClashes([looked(graph), looked(graph, 2, 'dev.example/mirror')]), [])
  })
})

describe('two artifacts for one attached tag', () => {
  const sbom = buildSbom(sample.image.descriptor, 'another').manifest
  const sig = buildSignatures(sample.image.descriptor, [{ keys: buildKeys() }]).manifest

  for (const [what, kind, manifest] of [
    ['two .sbom', 'sbom', sbom],
    ['an index and a .sig', 'sig', makeIndexManifest([])],
  ] as const) {
    test(`are refused when they are ${what}, and both sources are named`, () => {
      const second = looked(withAnother(kind, manifest), 7, 'dev.example/mirror')
      const problems = findClashes([looked(graph), second])
      assert.deepEqual(
        problems.map((problem) => [problem.kind, problem.location?.line]),
        [['input', 7]],
      )
      for (const part of [
        `prod.example/app:${attachedTag(root, kind)}`,
        `dev.example/app@${root}`,
        `dev.example/mirror@${root}`,
      ])
        assert.ok(problems[0]?.message.includes(part))
    })
  }

  test('are fine when they can be merged, and in different repositories', () => {
    const merged = looked(withAnother('sig', sig), 2, 'dev.example/mirror')
    const elsewhere = looked(withAnother('sbom', sbom), 2, 'dev.example/mirror', 'prod.example/mirror')
    assert.deepEqual(findClashes([looked(graph), merged]), [])
    assert.deepEqual(findClashes([looked(graph), elsewhere]), [])
  })
})
