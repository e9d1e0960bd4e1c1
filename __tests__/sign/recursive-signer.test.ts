import assert from 'node:assert/strict'
import { test } from 'node:test'
import { discoverGraph } from '../../src/graph/discover-graph.ts'
import { graphsWithin } from '../../src/graph/graphs-within.ts'
import { parseRepositoryName } from '../../src/oci/reference.ts'
import { NativeSigner } from '../../src/sign/native-signer.ts'
import { RecursiveSigner } from '../../src/sign/recursive-signer.ts'
import { buildImage } from '../builders/build-image.ts'
import { buildIndex } from '../builders/build-index.ts'
import { buildKeys } from '../builders/build-keys.ts'
import { keyMaker } from '../builders/key-maker.ts'
import { putArtifact } from '../builders/memory-sample.ts'
import { offlineVerifier } from '../builders/offline-verifier.ts'
import { MemoryRepository } from '../fakes/memory-repository.ts'

const children = ['amd64', 'arm64'].map((seed) => buildImage({ seed }))
const index = buildIndex(children)

test('every image of an index is signed with it, once', async () => {
  const repository = new MemoryRepository(parseRepositoryName('dev.example/app'))
  for (const artifact of [...children, index]) putArtifact(artifact, repository)
  const find = async () => {
    const graph = await discoverGraph(repository, index.digest)
    assert.ok(graph)
    return graph
  }
  const plain = new NativeSigner({
    maker: keyMaker(buildKeys().privateKey),
    annotations: {},
    format: 'both',
    verifier: offlineVerifier(),
  })
  const signer = new RecursiveSigner(plain)
  for await (const _ of plain.sign(await find(), repository));
  assert.deepEqual(await signer.missing(await find(), repository), ['bundle', 'tag'])
  assert.deepEqual(await Array.fromAsync(signer.sign(await find(), repository)), ['bundle', 'tag'])
  assert.deepEqual(await signer.missing(await find(), repository), [])
  const graph = await find()
  const signed = graph.attached.map(({ subject, kind }) => `${subject} ${kind}`)
  assert.deepEqual(
    signed.toSorted(),
    [index, ...children].flatMap(({ digest }) => [`${digest} referrer`, `${digest} sig`]).toSorted(),
  )
  assert.deepEqual(
    graphsWithin(graph).map(({ root }) => root.descriptor.digest),
    [...children.map(({ digest }) => digest), index.digest],
  )
})
