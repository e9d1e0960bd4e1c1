import { rm } from 'node:fs/promises'
import { buildImage } from '../__tests__/builders/build-image.ts'
import { buildIndex } from '../__tests__/builders/build-index.ts'
import type { Digest } from '../src/oci/digest.ts'
import { Cosign } from './cosign.ts'
import { Imgpkg } from './imgpkg.ts'
import { newFolder } from './new-folder.ts'
import { type RealRegistry, startRealRegistry } from './real-registry.ts'
import { type RegistryProxy, startRegistryProxy } from './registry-proxy.ts'

/** A bundle that imgpkg pushed, a nested one, and the images of both: every digest in the order in which they are listed. */
export interface PushedBundle {
  readonly outer: Digest
  readonly inner: Digest
  readonly all: readonly Digest[]
}

/** Three registries for three stages, a key for each of the first two, and imgpkg. */
export class BundleChain implements AsyncDisposable {
  readonly folder: string
  readonly imgpkg: Imgpkg
  readonly dev: RealRegistry
  readonly test: RealRegistry
  /** In front of the third, so that what is written there can be told. */
  readonly prod: RegistryProxy
  readonly #stores: readonly RealRegistry[]

  private constructor(
    folder: string,
    [dev, test, prod]: readonly [RealRegistry, RealRegistry, RealRegistry],
    proxy: RegistryProxy,
  ) {
    this.folder = folder
    this.imgpkg = new Imgpkg(folder)
    this.dev = dev
    this.test = test
    this.prod = proxy
    this.#stores = [dev, test, prod]
  }

  /** The keys are `dev.key`, `dev.pub`, `test.key` and `test.pub` in the folder. */
  static async start(): Promise<BundleChain> {
    const folder = await newFolder()
    const cosign = new Cosign(folder)
    await Promise.all([cosign.generateKeys('dev'), cosign.generateKeys('test')])
    const stores = await Promise.all([
      startRealRegistry('distribution'),
      startRealRegistry('referrers'),
      startRealRegistry('distribution'),
    ])
    return new BundleChain(folder, stores, await startRegistryProxy(stores[2].host))
  }

  /** Leaves two images, an index and a bundle in a bundle in dev, each in its own repository; the outer bundle is `bundles/NAME:v1`. */
  async push(name: string): Promise<PushedBundle> {
    const { host } = this.dev
    const [web, db, arm] = ['web', 'db', 'arm'].map((part) => buildImage({ seed: `${name} ${part}` }))
    if (web === undefined || db === undefined || arm === undefined) throw new Error('an image was not built')
    const index = buildIndex([web, arm])
    await db.pushTo(host, 'apps/db', 'v1')
    await web.pushTo(host, 'apps/web', 'v1')
    await index.pushTo(host, 'apps/index', 'v1')
    const inner = await this.imgpkg.push(`${host}/bundles/${name}-inner:v1`, [
      { image: `${host}/apps/db@${db.digest}` },
    ])
    const outer = await this.imgpkg.push(`${host}/bundles/${name}:v1`, [
      { image: `${host}/apps/web@${web.digest}`, annotations: { part: 'web' } },
      { image: `${host}/apps/index@${index.digest}` },
      { image: `${host}/bundles/${name}-inner@${inner}` },
    ])
    return { outer, inner, all: [outer, web.digest, index.digest, inner, db.digest] }
  }

  /** Ends the first two registries: what is in the third has to be whole by itself. */
  async endAllButProd(): Promise<void> {
    await this.dev[Symbol.asyncDispose]()
    await this.test[Symbol.asyncDispose]()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.prod[Symbol.asyncDispose]()
    for (const store of this.#stores) await store[Symbol.asyncDispose]()
    await rm(this.folder, { recursive: true, force: true })
  }
}
