import { discoverGraph } from '../../src/graph/discover-graph.ts'
import type { ImageGraph } from '../../src/graph/image-graph.ts'
import { parseRepositoryName } from '../../src/oci/reference.ts'
import { MemoryRepository } from '../fakes/memory-repository.ts'
import type { BuiltSample } from './build-sample.ts'
import type { BuiltArtifact } from './built-artifact.ts'

/** Leaves an artifact in a repository in memory as if it had been pushed long ago: nothing of it counts as written. */
export function putArtifact(artifact: BuiltArtifact, repository: MemoryRepository, tag?: string): void {
  for (const { descriptor, bytes } of artifact.blobs) repository.blobs.set(descriptor.digest, bytes)
  for (const manifest of artifact.manifests) repository.manifests.set(manifest.descriptor.digest, manifest)
  if (artifact.manifest.subject) repository.listed.add(artifact.digest)
  for (const name of [tag, artifact.attachedTag]) {
    if (name !== undefined) repository.tags.set(name, artifact.digest)
  }
}

/** The same with an image and all that is attached to it. */
export function putSample(sample: BuiltSample, repository: MemoryRepository, tag?: string): void {
  putArtifact(sample.image, repository, tag)
  for (const { artifact } of sample.attached) putArtifact(artifact, repository)
}

/** The graph of a sample, as discovery finds it. */
export async function graphOfSample(sample: BuiltSample): Promise<ImageGraph> {
  const repository = new MemoryRepository(parseRepositoryName('registry.example/team/app'))
  putSample(sample, repository)
  const graph = await discoverGraph(repository, sample.image.digest)
  if (graph === undefined) throw new Error('the sample is not in its own repository')
  return graph
}
