import { attachedTag } from '../../src/oci/attached-tag.ts'
import type { StoredRepository } from '../fakes/registry-store.ts'
import type { RegistrySwitches } from '../fakes/registry-switches.ts'
import { PromotionScene, type Run, TARGET_PATH } from './promotion-scene.ts'

/** Nobody else writes, and nothing gets well by waiting. */
const PACE = {
  mergePause: 1,
  retry: { retries: 1, firstDelay: 1, longestDelay: 1, longestRetryAfter: 1 },
}

/** A scene whose sample is at the target already, under the tag v1, and can be disturbed there. */
export class PromotedScene implements AsyncDisposable {
  readonly scene: PromotionScene
  /** The repository that it was promoted to. */
  readonly there: StoredRepository
  readonly #tags: StoredRepository['tags']
  readonly #manifests: StoredRepository['manifests']

  private constructor(scene: PromotionScene) {
    this.scene = scene
    this.there = scene.target.store.repository(TARGET_PATH)
    this.#tags = new Map(this.there.tags)
    this.#manifests = new Map(this.there.manifests)
  }

  static async start(target: Partial<RegistrySwitches> = {}): Promise<PromotedScene> {
    const scene = await PromotionScene.start({}, [target])
    scene.sample.putInto(scene.target.store, TARGET_PATH, 'v1')
    return new PromotedScene(scene)
  }

  get root(): string {
    return this.scene.sample.image.digest
  }

  /** The first child, on which hangs what hangs on the image. */
  get child(): string {
    return this.scene.sample.children[0]?.digest ?? ''
  }

  /** The referrer of the image that has a referrer of its own. */
  get scan(): string {
    const { attached } = this.scene.sample
    const subjects = new Set<string>(attached.map(({ subject }) => subject))
    const scan = attached.find(({ kind, artifact }) => kind === 'referrer' && subjects.has(artifact.digest))
    return scan?.artifact.digest ?? ''
  }

  /** The tag by which signatures, attestations or SBOMs hang on the image. */
  tagOf(kind: 'sig' | 'att' | 'sbom'): string {
    return attachedTag(this.scene.sample.image.digest, kind)
  }

  /** The target as it was, and no request so far. */
  restore(): void {
    replace(this.there.tags, this.#tags)
    replace(this.there.manifests, this.#manifests)
    this.scene.target.clearFaults()
    this.scene.source.clearFaults()
    this.scene.target.requests.length = 0
    this.scene.source.requests.length = 0
  }

  check(inputs: Readonly<Record<string, string>> = {}): Promise<Run> {
    return this.scene.run({ command: 'check', ...inputs }, { pace: PACE })
  }

  repair(inputs: Readonly<Record<string, string>> = {}): Promise<Run> {
    return this.scene.run({ command: 'repair', tags: '', ...inputs }, { pace: PACE })
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.scene[Symbol.asyncDispose]()
  }
}

function replace<Value>(map: Map<string, Value>, by: ReadonlyMap<string, Value>): void {
  map.clear()
  for (const [key, value] of by) map.set(key, value)
}
