import type { RepositoryName } from '../../src/oci/reference.ts'
import { assemblePlan } from '../../src/plan/assemble-plan.ts'
import { HeldBlobs } from '../../src/plan/held-blobs.ts'
import type { Plan } from '../../src/plan/plan.ts'
import type { ReleaseImage } from './release.ts'

const SOURCE = 'source.example'
const TAG = 'v1'

/** The hosts of the targets of a release, one for each. */
export type TargetHosts = readonly string[]

export const THREE_HOSTS: TargetHosts = ['one.example', 'two.example', 'three.example']
export const ONE_HOST: TargetHosts = ['only.example', 'only.example', 'only.example']

/** The product's own plan for the first promotion of a release to three places that have nothing of it. */
export function planRelease(release: readonly ReleaseImage[], hosts: TargetHosts): Plan {
  const looked = release.map(({ name, graph }) => {
    const repository: RepositoryName = { registry: SOURCE, path: name }
    const reference = { repository, digest: graph.root.descriptor.digest }
    return {
      image: { reference, written: name, annotations: {}, originTags: [] },
      graph,
      tags: [TAG],
      targets: hosts.map((registry, index) => ({
        repository: { registry, path: `place-${index + 1}/${name}` },
        state: { graph: undefined, tags: new Map() },
      })),
    }
  })
  return assemblePlan(looked, new HeldBlobs(), { existingTags: 'refuse' }).plan
}
