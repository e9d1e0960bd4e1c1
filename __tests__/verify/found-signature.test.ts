import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ImageGraph } from '../../src/graph/image-graph.ts'
import { digestOf } from '../../src/oci/digest.ts'
import { MEDIA_TYPES } from '../../src/oci/media-types.ts'
import { keySigner } from '../../src/policy/make-demand.ts'
import type { SignedDemand } from '../../src/policy/policy.ts'
import { findSignatures } from '../../src/verify/found-signature.ts'
import { buildKeys } from '../builders/build-keys.ts'
import { signatures } from '../builders/changed-signature.ts'
import { memoryImage } from '../builders/memory-image.ts'

const MIB = 1024 * 1024
const TOO_MUCH = 'what may be a signature of the image is larger than the 67108864 bytes that are read in sum'

const image = await memoryImage()
const signers = [keySigner(buildKeys().publicKey)]
const demand: SignedDemand = {
  by: 'signers',
  signature: undefined,
  requireAnnotations: {},
  attestations: [{ predicateType: 'https://slsa.dev/provenance/v1', by: { of: 'any', signers } }],
}

/** What is said of attestations of these sizes, in bytes, under one tag. */
async function problemsOf(...sizes: readonly number[]): Promise<readonly (string | undefined)[]> {
  const layers = sizes.map((size, index) => ({
    mediaType: MEDIA_TYPES.dsseEnvelope,
    digest: digestOf(`layer ${index}`),
    size,
  }))
  const graph: ImageGraph = {
    root: image.root,
    manifests: new Map(),
    attached: [{ subject: image.digest, kind: 'att', manifest: await signatures(...layers) }],
    warnings: [],
  }
  return findSignatures(graph, demand).map(({ content }) =>
    'problem' in content ? content.problem : undefined,
  )
}

test('64 MiB are read for one image', async () => {
  assert.deepEqual(await problemsOf(16 * MIB, 16 * MIB, 16 * MIB, 16 * MIB), Array(4).fill(undefined))
})

test('of what is larger in sum the smallest are read, wherever they stand', async () => {
  assert.deepEqual(await problemsOf(16 * MIB, 16 * MIB, 16 * MIB, 16 * MIB, 1), [
    ...Array(3).fill(undefined),
    TOO_MUCH,
    undefined,
  ])
})

test('what is not read for its own size takes nothing from the others', async () => {
  const [first, ...others] = await problemsOf(17 * MIB, ...Array(4).fill(16 * MIB))
  assert.match(first ?? '', /more than the 16777216 that are read/)
  assert.deepEqual(others, Array(4).fill(undefined))
})
