import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { buildLock } from '../__tests__/builders/build-lock.ts'
import type { Annotations } from '../src/oci/descriptor.ts'
import { Cosign, type CosignKeys } from './cosign.ts'
import { newFolder } from './new-folder.ts'
import { type RealRegistry, type RegistryKind, startRealRegistry } from './real-registry.ts'

/** A folder to work in, with a key made by cosign, and a source and a target registry. */
export class Workbench implements AsyncDisposable {
  readonly folder: string
  readonly cosign: Cosign
  readonly keys: CosignKeys
  readonly source: RealRegistry
  readonly target: RealRegistry

  private constructor(folder: string, keys: CosignKeys, source: RealRegistry, target: RealRegistry) {
    this.folder = folder
    this.cosign = new Cosign(folder)
    this.keys = keys
    this.source = source
    this.target = target
  }

  /** The public key is `cosign.pub` in the folder, the private one `cosign.key`. */
  static async open(source: RegistryKind, target: RegistryKind): Promise<Workbench> {
    const folder = await newFolder()
    const [keys, ...registries] = await Promise.all([
      new Cosign(folder).generateKeys('cosign'),
      startRealRegistry(source),
      startRealRegistry(target),
    ])
    return new Workbench(folder, keys, ...registries)
  }

  async writeLock(image: string, annotations: Annotations = {}): Promise<void> {
    await writeFile(join(this.folder, 'images.yml'), buildLock([{ image, annotations }]))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.source[Symbol.asyncDispose]()
    await this.target[Symbol.asyncDispose]()
    await rm(this.folder, { recursive: true, force: true })
  }
}
