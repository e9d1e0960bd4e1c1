import { buildLargeImage, buildRelease, buildTinyImages, changeRelease } from './samples/build-samples.ts'
import { pushSamples } from './samples/push-samples.ts'
import type { SampleImage } from './samples/sample-image.ts'
import type { SiteName, Stage } from './stage.ts'
import type { WorkloadName } from './workloads.ts'

/** The images of a workload, and where they are. */
export interface Shelved {
  readonly images: readonly SampleImage[]
  readonly site: SiteName
  readonly repository: string
  /** Whether each image has a repository of its own. */
  readonly spread: boolean
}

const RELEASE_SIZE = 100
const CHANGED_IMAGE = 50
const SIGNED_IMAGES = 50

interface Shelf {
  /** Workloads with one name read the same. */
  readonly name: string
  readonly site: SiteName
  readonly spread?: boolean
}

const RELEASE: Shelf = { name: 'release', site: 'source' }
const SPREAD: Shelf = { name: 'spread-release', site: 'source', spread: true }
const SHELVES: Readonly<Record<WorkloadName, Shelf>> = {
  A: { name: 'large', site: 'source' },
  BR: SPREAD,
  CR: SPREAD,
  DR: { name: 'changed-spread-release', site: 'source', spread: true },
  B: RELEASE,
  C: RELEASE,
  D: { name: 'changed-release', site: 'source' },
  E: { name: 'release-with-referrers', site: 'referrers source' },
  B1: RELEASE,
  F: RELEASE,
  G: { name: 'unsigned', site: 'source' },
}

/** Pushes the images of workloads to their registries, each set once; signing changes its source, and gets a new one each time. */
export class SampleShelf {
  readonly #stage: Stage
  readonly #shelved = new Map<string, Promise<Shelved>>()
  #signings = 0

  constructor(stage: Stage) {
    this.#stage = stage
  }

  take(workload: WorkloadName): Promise<Shelved> {
    const { name } = SHELVES[workload]
    if (workload === 'G') {
      this.#signings += 1
      return this.#push(workload, `bench/${name}-${this.#signings}`)
    }
    const shelved = this.#shelved.get(name) ?? this.#push(workload, `bench/${name}`)
    this.#shelved.set(name, shelved)
    return shelved
  }

  async #push(workload: WorkloadName, repository: string): Promise<Shelved> {
    const { site, spread = false } = SHELVES[workload]
    const images = await this.#build(workload)
    await pushSamples(images, { host: await this.#stage.direct(site), repository, spread })
    return { images, site, repository, spread }
  }

  async #build(workload: WorkloadName): Promise<readonly SampleImage[]> {
    const { keys } = this.#stage
    if (workload === 'A') return [buildLargeImage()]
    if (workload === 'G') return buildTinyImages('unsigned', SIGNED_IMAGES)
    // What did not change has the very same signatures, and a new signature is never the same.
    if (workload === 'D' || workload === 'DR') {
      const { images } = await this.take(workload === 'D' ? 'C' : 'CR')
      return changeRelease(images, CHANGED_IMAGE, keys)
    }
    return buildRelease({ keys, count: RELEASE_SIZE, referrers: workload === 'E' })
  }
}
