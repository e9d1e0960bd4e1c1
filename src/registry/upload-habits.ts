/** Says what was found out; undefined where nothing was. */
export type Learned = (tells: boolean | undefined) => void

/**
 * Whether a registry tells, by its answer to a mount from a repository to itself, that the repository has a blob: then one request asks for a
 * blob and begins its upload. That is learned once a host, from the first small blob that is uploaded, and the small ones behind it wait.
 */
export class UploadHabits {
  readonly #tells = new Map<string, Promise<boolean>>()

  /** Undefined as long as nobody is finding out. */
  of(registry: string): Promise<boolean> | undefined {
    return this.#tells.get(registry)
  }

  /** The caller finds out, and has to say so in any case. */
  learn(registry: string): Learned {
    let resolve: (tells: boolean) => void = () => undefined
    this.#tells.set(
      registry,
      new Promise<boolean>((found) => {
        resolve = found
      }),
    )
    return (tells) => {
      // Who waits asks in the way that always works; the next one may find out.
      if (tells === undefined) this.#tells.delete(registry)
      resolve(tells ?? false)
    }
  }
}
