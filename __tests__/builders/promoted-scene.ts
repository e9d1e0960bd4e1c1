import { attachedTag } from '../../src/oci/attached-tag.ts'
import type { StoredRepository } from '../fakes/registry-store.ts'
import type { RegistrySwitches } from '../fakes/registry-switches.ts'
import { PromotionScene, type Run, SOURCE_PATH, TARGET_PATH } from './promotion-scene.ts'

type Options = NonNullable<Parameters<PromotionScene['run']>[1]>

/** Nobody else writes, and nothing gets well by waiting. */
const PACE = {
  mergePause: 1,
  retry: { retries: 1, firstDelay: 1, longestDelay: 1, longestRetryAfter: 1 },
}

/** What a repository held. */
type Before = Pick<StoredRepository, 'tags' | 'manifests'> & { readonly repository: StoredRepository }

/** A scene whose sample is at the target already, under the tag v1, and can be disturbed there. */
export class PromotedScene implements AsyncDisposable {
  readonly scene: PromotionScene
  /** The repositories that it was promoted from and to. */
  readonly source: StoredRepository
  readonly there: StoredRepository
  readonly #before: readonly Before[]

  private constructor(scene: PromotionScene) {
    this.scene = scene
    this.source = scene.source.store.repository(SOURCE_PATH)
    this.there = scene.target.store.repository(TARGET_PATH)
    this.#before = [this.source, this.there].map((repository) => ({
      repository,
      tags: new Map(repository.tags),
      manifests: new Map(repository.manifests),
    }))
  }

  static async start(target: Partial<RegistrySwitches> = {}): Promise<PromotedScene> {
    await using stack = new AsyncDisposableStack()
    const scene = stack.use(await PromotionScene.start({}, [target]))
    scene.sample.putInto(scene.target.store, TARGET_PATH, 'v1')
    const promoted = new PromotedScene(scene)
    stack.move()
    return promoted
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

  /** The source, the target and the lock as they were, and no request so far. */
  async restore(): Promise<void> {
    for (const { repository, tags, manifests } of this.#before) {
      replace(repository.tags, tags)
      replace(repository.manifests, manifests)
    }
    for (const registry of [this.scene.source, this.scene.target]) {
      registry.clearFaults()
      registry.requests.length = 0
    }
    await this.scene.list({ image: this.scene.reference() })
  }

  check(inputs: Readonly<Record<string, string>> = {}): Promise<Run> {
    return this.scene.run({ command: 'check', ...inputs }, { pace: PACE })
  }

  repair(inputs: Readonly<Record<string, string>> = {}, options: Options = {}): Promise<Run> {
    return this.scene.run({ command: 'repair', tags: '', ...inputs }, { pace: PACE, ...options })
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.scene[Symbol.asyncDispose]()
  }
}

function replace<Value>(map: Map<string, Value>, by: ReadonlyMap<string, Value>): void {
  map.clear()
  for (const [key, value] of by) map.set(key, value)
}
