import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { buildSignatures } from './build-attached.ts'
import { buildImage } from './build-image.ts'
import { PromotionScene, type Run, SOURCE_PATH, TARGET_PATH } from './promotion-scene.ts'

type Inputs = Readonly<Record<string, string>>

type Options = NonNullable<Parameters<PromotionScene['run']>[1]>

/** Nobody else writes under the tags of a scene. */
const ALONE = { pace: { mergePause: 1 } }

/** A scene in which a plan is saved and applied. */
export class PlanScene {
  readonly scene: PromotionScene

  constructor(scene: PromotionScene) {
    this.scene = scene
  }

  static async start(targets?: Parameters<typeof PromotionScene.start>[1]): Promise<PlanScene> {
    return new PlanScene(await PromotionScene.start({}, targets))
  }

  /** Lists so many signed images in place of one, each of which gets a tag of its own. */
  listImages(number: number): void {
    const { source, keys } = this.scene
    const images = Array.from({ length: number }, (_, at) => buildImage({ seed: `image ${at}` }))
    for (const [at, image] of images.entries()) {
      image.putInto(source.store, SOURCE_PATH, `app-${at}`)
      buildSignatures(image.descriptor, [{ keys }]).putInto(source.store, SOURCE_PATH)
    }
    this.images = images.map((_, at) => `${source.host}/${SOURCE_PATH}:app-${at}`).join('\n')
  }

  /** References in the place of the lock. */
  images = ''

  get path(): string {
    return this.scene.path('plan.json')
  }

  plan(inputs: Inputs = {}): Promise<Run> {
    const list = this.images === '' ? {} : { lock: '', images: this.images, tags: '{origin-tag}' }
    return this.scene.run({ command: 'plan', 'plan-output': this.path, ...list, ...inputs }, ALONE)
  }

  /** Applies the plan, or a part of it. */
  apply(inputs: Inputs = {}, options: Options = {}): Promise<Run> {
    return this.scene.run(
      { lock: '', to: '', tags: '', plan: this.path, ...inputs },
      { ...ALONE, ...options },
    )
  }

  /** Applies a part, and keeps its report. */
  part(shard: string, inputs: Inputs = {}): Promise<Run> {
    return this.apply({ shard, report: this.reportOf(shard), ...inputs })
  }

  finish(inputs: Inputs = {}): Promise<Run> {
    return this.apply({ command: 'finish', reports: join(this.scene.folder, 'part-*.json'), ...inputs })
  }

  reportOf(shard: string): string {
    return this.scene.path(`part-${shard.replace('/', '-')}.json`)
  }

  /** Writes the file of the plan anew. */
  async edit(change: (text: string) => string): Promise<void> {
    await writeFile(this.path, change(await readFile(this.path, 'utf8')))
  }

  /** The tags of each target that people look at. */
  tags(): readonly (readonly string[])[] {
    return this.scene.targets.map(({ store }) =>
      [...store.repository(TARGET_PATH).tags.keys()].filter((tag) => !tag.startsWith('sha256-')).toSorted(),
    )
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.scene[Symbol.asyncDispose]()
  }
}
