import { type ArtifactoryServer, startArtifactory } from '../fakes/artifactory/artifactory-server.ts'
import type { StoredRepository } from '../fakes/registry-store.ts'
import type { RegistrySwitches } from '../fakes/registry-switches.ts'
import type { BuiltSample } from './build-sample.ts'
import { PromotionScene, type Run } from './promotion-scene.ts'

const SOURCE = 'docker-dev/team/app'
const TARGET = 'docker-prod/live/app'

/** A promotion from one repository of an Artifactory to another, with the complete sample in the source under the tag v1. */
export class ArtifactoryScene {
  readonly artifactory: ArtifactoryServer
  readonly scene: PromotionScene

  private constructor(artifactory: ArtifactoryServer, scene: PromotionScene) {
    this.artifactory = artifactory
    this.scene = scene
  }

  static async start(switches: Partial<RegistrySwitches> = {}): Promise<ArtifactoryScene> {
    const [artifactory, scene] = await Promise.all([startArtifactory(switches), PromotionScene.start({}, [])])
    const started = new ArtifactoryScene(artifactory, scene)
    scene.sample.putInto(artifactory.registry.store, SOURCE, 'v1')
    await started.list(scene.sample.image.digest)
    return started
  }

  get sample(): BuiltSample {
    return this.scene.sample
  }

  get source(): StoredRepository {
    return this.artifactory.registry.store.repository(SOURCE)
  }

  get target(): StoredRepository {
    return this.artifactory.registry.store.repository(TARGET)
  }

  /** Replaces the lock by an image of the source. */
  list(digest: string): Promise<void> {
    return this.scene.list({ image: `${this.artifactory.host}/${SOURCE}@${digest}` })
  }

  /** Promotes the lock, with these inputs changed; what was asked before is forgotten. */
  run(inputs: Readonly<Record<string, string>> = {}): Promise<Run> {
    this.artifactory.registry.requests.length = 0
    return this.scene.run(
      {
        to: `${this.artifactory.host}/${TARGET}`,
        'copy-by': 'artifactory',
        'artifactory-url': this.artifactory.url,
        ...inputs,
      },
      { pace: { retry: { retries: 1, firstDelay: 1, longestDelay: 1, longestRetryAfter: 1 } } },
    )
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.artifactory[Symbol.asyncDispose]()
    await this.scene[Symbol.asyncDispose]()
  }
}
