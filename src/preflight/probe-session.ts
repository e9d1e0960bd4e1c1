import { asPromotionError, type PromotionError } from '../errors.ts'
import type { Digest } from '../oci/digest.ts'
import { formatReference } from '../oci/reference.ts'
import type { TargetRepository } from '../registry/repository.ts'
import type { ProbeArtifact } from './probe-artifact.ts'

/** What deleting has shown; `left`: what is still there, as `host/path@digest` and `host/path:tag`. */
export interface Tidied {
  readonly removesTags: boolean
  readonly left: readonly string[]
}

/** What was pushed to a repository to find something out, and taken away again. */
export class ProbeSession {
  readonly #repository: TargetRepository
  /** In the order in which they were pushed: each may need those before it. */
  readonly #manifests = new Set<Digest>()
  readonly #tags = new Set<string>()
  readonly #expected = new Set<string>()
  readonly #outcomes = new Map<ProbeArtifact, PromotionError | undefined>()

  constructor(repository: TargetRepository) {
    this.#repository = repository
  }

  /** Pushes an artifact by digest with all that it needs, once; returns why the registry does not take it. */
  async push(artifact: ProbeArtifact): Promise<PromotionError | undefined> {
    if (this.#outcomes.has(artifact)) return this.#outcomes.get(artifact)
    const refusal = await this.attempt(async () => {
      for (const child of artifact.children) {
        const why = await this.push(child)
        if (why !== undefined) throw why
      }
      for (const { descriptor, bytes } of artifact.blobs) await this.#repository.pushBlob(descriptor, bytes)
      // Counted before it is sent: a failed answer does not mean that nothing was stored.
      this.#manifests.add(artifact.manifest.descriptor.digest)
      await this.#repository.pushManifest(artifact.manifest)
    })
    this.#outcomes.set(artifact, refusal)
    return refusal
  }

  /** Points a tag at an artifact that was pushed; returns why the registry does not do it. */
  tag(tag: string, { manifest }: ProbeArtifact): Promise<PromotionError | undefined> {
    this.#tags.add(tag)
    return this.attempt(() => this.#repository.tag(tag, manifest))
  }

  /** Says before it may happen that the registry comes to keep a tag because of the probe; what it points at then is deleted with it. */
  expect(tag: string): void {
    this.#expected.add(tag)
  }

  /** What a registry answered instead of doing it; throws what is no answer of a registry, such as the end of the run. */
  async attempt(run: () => Promise<void>): Promise<PromotionError | undefined> {
    try {
      await run()
      return undefined
    } catch (thrown) {
      const error = asPromotionError(thrown)
      if (error.kind !== 'registry') throw error
      return error
    }
  }

  /**
   * Deletes the tags and then the manifests, the last one first; returns what is there after that. `through` is the same repository where the
   * end of the run ends nothing.
   */
  async tidy(through: TargetRepository): Promise<Tidied> {
    for (const tag of this.#expected) await this.#adopt(tag, through)
    let removesTags = true
    for (const tag of this.#tags) {
      if (!(await unlessFailed(through.removeTag(tag)))) removesTags = false
    }
    const manifests = [...this.#manifests].toReversed()
    for (const digest of manifests) await unlessFailed(through.preflight().removeManifest(digest))
    const left: string[] = []
    for (const tag of this.#tags) {
      if (await isThere(through, tag)) left.push(formatReference({ repository: through.name, tag }))
    }
    for (const digest of manifests) {
      if (await isThere(through, digest)) left.push(formatReference({ repository: through.name, digest }))
    }
    return { removesTags, left }
  }

  async #adopt(tag: string, through: TargetRepository): Promise<void> {
    try {
      const found = await through.resolve(tag)
      if (found === undefined) return
      this.#manifests.add(found.digest)
    } catch {
      // The tag counts as there, which is told in the end unless it can be seen to be gone.
    }
    this.#tags.add(tag)
  }
}

/** Whatever goes wrong with one must not keep the others; what is still there in the end is told. */
async function unlessFailed(removing: Promise<boolean>): Promise<boolean> {
  try {
    return await removing
  } catch {
    return false
  }
}

/** What cannot be seen to be gone counts as left. */
async function isThere(repository: TargetRepository, reference: string): Promise<boolean> {
  try {
    return (await repository.resolve(reference)) !== undefined
  } catch {
    return true
  }
}
