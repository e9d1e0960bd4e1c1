import assert from 'node:assert/strict'
import { copyBlob } from '../../src/copy/copy-blob.ts'
import type { BlobOutcome } from '../../src/copy/outcome.ts'
import type { Proving } from '../../src/copy/prove.ts'
import { formatRepository, parseRepositoryName } from '../../src/oci/reference.ts'
import type { BlobTransfer } from '../../src/plan/plan.ts'
import { MemoryRegistries } from '../fakes/memory-registries.ts'
import { WatchedRepository } from '../fakes/watched-repository.ts'
import { type BuiltBlob, buildBlob } from './built-artifact.ts'
import { FULL_PROOF } from './copy-options.ts'

/** Read as a whole. */
export const SMALL = buildBlob('application/x', 'a small blob')
/** Streamed. */
export const LARGE = buildBlob('application/x', Buffer.alloc(3 * 1024 * 1024, 'large'))
/** Where both are. */
export const BLOB_SOURCE = 'dev.example/app'

/** Registries of watched repositories, the source with both blobs in it. */
export class BlobScene {
  readonly registries = new MemoryRegistries()
  proving: Partial<Proving> = {}
  counted = 0

  constructor() {
    for (const { descriptor, bytes } of [SMALL, LARGE])
      this.at(BLOB_SOURCE).blobs.set(descriptor.digest, bytes)
  }

  at(place: string): WatchedRepository {
    const repository = this.registries.at(place, (name, siblings) => new WatchedRepository(name, siblings))
    assert.ok(repository instanceof WatchedRepository)
    return repository
  }

  /** Copies to places, each of which may be `place from place`; the outcomes are in the order of the places. */
  async copy(blob: BuiltBlob, ...places: readonly string[]): Promise<readonly BlobOutcome[]> {
    const targets = places.map((place) => {
      const [to = '', from] = place.split(' from ')
      for (const name of [to, from]) if (name) this.at(name)
      return { repository: parseRepositoryName(to), ...(from && { mountFrom: parseRepositoryName(from) }) }
    })
    const transfer: BlobTransfer = {
      blob: blob.descriptor,
      source: parseRepositoryName(BLOB_SOURCE),
      targets,
    }
    const count = (bytes: number) => {
      this.counted += bytes
    }
    const outcomes = await copyBlob(transfer, {
      ...FULL_PROOF,
      ...this.proving,
      registries: this.registries,
      count,
    })
    return targets.map(({ repository }) => {
      const own = outcomes.filter((one) => formatRepository(one.repository) === formatRepository(repository))
      assert.ok(own[0] && own.length === 1)
      return own[0]
    })
  }
}

/** What was done at each target. */
export function actions(outcomes: readonly BlobOutcome[]): readonly string[] {
  return outcomes.map(({ action }) => action)
}
