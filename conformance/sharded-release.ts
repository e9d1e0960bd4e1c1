import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { buildReferrer } from '../__tests__/builders/build-attached.ts'
import { buildImage } from '../__tests__/builders/build-image.ts'
import { buildLock } from '../__tests__/builders/build-lock.ts'
import { ACCEPTED_MANIFESTS } from '../src/oci/media-types.ts'
import { takeInventory } from './inventory.ts'
import { type PassedRequest, type RegistryProxy, startRegistryProxy } from './registry-proxy.ts'
import { Workbench } from './workbench.ts'

/** The tag that people see. */
export const TAG = 'v1'
/** As many images as the release has. */
export const IMAGES = 12

/** One image of the release; its name is the last part of its repositories. */
export interface ReleasedImage {
  readonly name: string
  readonly digest: string
}

/** A repository that an image is promoted to. */
export interface Place {
  readonly host: string
  readonly path: string
}

/**
 * Twelve images, each with a referrer, in a registry with the API for referrers. They go to two places: a registry that lists referrers
 * under tags, behind a proxy, and other repositories of the source.
 */
export class ShardedRelease implements AsyncDisposable {
  readonly bench: Workbench
  readonly proxy: RegistryProxy
  readonly images: readonly ReleasedImage[]

  private constructor(bench: Workbench, proxy: RegistryProxy, images: readonly ReleasedImage[]) {
    this.bench = bench
    this.proxy = proxy
    this.images = images
  }

  /** What `refuse` gives a status for, the first target does not take. */
  static async open(refuse?: Parameters<typeof startRegistryProxy>[1]): Promise<ShardedRelease> {
    await using stack = new AsyncDisposableStack()
    const bench = stack.use(await Workbench.open('referrers', 'distribution'))
    const proxy = stack.use(await startRegistryProxy(bench.target.host, refuse))
    const names = Array.from({ length: IMAGES }, (_, at) => `app-${at + 1}`)
    const images = await Promise.all(names.map((name) => push(bench.source.host, name)))
    const release = new ShardedRelease(bench, proxy, images)
    await mkdir(release.folder)
    const entries = images.map(({ name, digest }) => ({
      image: `${bench.source.host}/dev/${name}@${digest}`,
    }))
    await writeFile(join(release.folder, 'images.yml'), buildLock(entries))
    stack.move()
    return release
  }

  /** Where the list is. */
  get folder(): string {
    return join(this.bench.folder, 'caller')
  }

  /** The templates of both targets. */
  get targets(): readonly string[] {
    return [`${this.proxy.host}/prod/{name}`, `${this.bench.source.host}/mirror/{name}`]
  }

  /** Where an image goes to. */
  placesOf({ name }: ReleasedImage): readonly Place[] {
    return [
      { host: this.bench.target.host, path: `prod/${name}` },
      { host: this.bench.source.host, path: `mirror/${name}` },
    ]
  }

  /** What the tag of each image points at in each of its places, one place behind the other; asked past the proxy. */
  async tags(): Promise<readonly (string | null)[]> {
    const places = this.images.flatMap((image) => this.placesOf(image))
    return await Promise.all(
      places.map(async ({ host, path }) => {
        const headers = { accept: ACCEPTED_MANIFESTS.join(', ') }
        const url = `http://${host}/v2/${path}/manifests/${TAG}`
        return (await fetch(url, { method: 'HEAD', headers })).headers.get('docker-content-digest')
      }),
    )
  }

  /** The images that are not at a target with all that is at the source; looked up past the proxy. */
  async incomplete(): Promise<readonly string[]> {
    const lacking = await Promise.all(
      this.images.map(async (image) => {
        const wanted = await takeInventory(this.bench.source.host, `dev/${image.name}`, image.digest)
        const found = await Promise.all(
          this.placesOf(image).map(({ host, path }) => takeInventory(host, path, image.digest)),
        )
        const isWhole = found.every((inventory) => wanted.every((line) => inventory.includes(line)))
        return isWhole ? [] : [image.name]
      }),
    )
    return lacking.flat()
  }

  /** Those of the paths, such as `prod/app-1/blobs/sha256:…`, that the first target has; asked past the proxy. */
  async heldAmong(paths: readonly string[]): Promise<readonly string[]> {
    const found = await Promise.all(
      paths.map((path) => fetch(`http://${this.bench.target.host}/v2/${path}`, { method: 'HEAD' })),
    )
    return paths.filter((_, at) => found[at]?.ok)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.proxy[Symbol.asyncDispose]()
    await this.bench[Symbol.asyncDispose]()
  }
}

/** Whether a request writes the tag that people see. */
export function movesTag({ method, path }: PassedRequest): boolean {
  return method === 'PUT' && path.endsWith(`/manifests/${TAG}`)
}

async function push(host: string, name: string): Promise<ReleasedImage> {
  const image = buildImage({ seed: name })
  await image.pushTo(host, `dev/${name}`)
  const scan = buildReferrer(image.descriptor, 'application/vnd.example.scan', `scan of ${name}`)
  await scan.pushTo(host, `dev/${name}`)
  return { name, digest: image.digest }
}
