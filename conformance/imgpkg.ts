import { mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { buildLock, type LockEntry } from '../__tests__/builders/build-lock.ts'
import { type Digest, parseDigest } from '../src/oci/digest.ts'
import { runTool } from './tools.ts'

/** The real imgpkg with a home of its own in `folder`. */
export class Imgpkg {
  readonly #folder: string

  constructor(folder: string) {
    this.#folder = folder
  }

  /** Pushes a bundle with this lock and one more file to `host/path:tag`. */
  async push(reference: string, lock: readonly LockEntry[]): Promise<Digest> {
    const folder = await this.#newFolder('bundle-')
    await mkdir(join(folder, '.imgpkg'))
    await writeFile(join(folder, '.imgpkg', 'images.yml'), buildLock(lock))
    await writeFile(join(folder, 'deployment.yml'), `for: ${reference}\n`)
    const output = await this.run('push', '-b', reference, '-f', folder, '--json')
    return parseDigest(/@(sha256:[0-9a-f]{64})/.exec(output)?.[1] ?? output)
  }

  /** Pulls a bundle with all that is nested in it; the images that its lock then names. */
  async pull(...what: readonly string[]): Promise<readonly string[]> {
    const folder = join(await this.#newFolder('pulled-'), 'bundle')
    await this.run('pull', '--recursive', ...what, '-o', folder)
    return imagesIn(await readFile(join(folder, '.imgpkg', 'images.yml'), 'utf8'))
  }

  /** The references of all images and bundles in a bundle, at whatever depth. */
  async describe(bundle: string): Promise<readonly string[]> {
    const output = await this.run('describe', '-b', bundle, '-o', 'yaml', '--cosign-artifacts=false')
    return imagesIn(output)
  }

  run(...args: readonly string[]): Promise<string> {
    return runTool(this.#folder, 'imgpkg', ...args)
  }

  #newFolder(prefix: string): Promise<string> {
    return mkdtemp(join(this.#folder, prefix))
  }
}

function imagesIn(text: string): readonly string[] {
  return [...text.matchAll(/\bimage: (\S+)/g)].map(([, image = '']) => image).sort()
}
