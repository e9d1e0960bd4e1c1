import { formatRepository, parseRepositoryName, type RepositoryName } from '../../src/oci/reference.ts'
import type { Registries } from '../../src/registry/repository.ts'
import { MemoryRepository } from './memory-repository.ts'

type MakeRepository = (name: RepositoryName, siblings: readonly MemoryRepository[]) => MemoryRepository

/** Registries in memory: repositories by name, those of one host can mount from each other. */
export class MemoryRegistries implements Registries {
  readonly #repositories = new Map<string, MemoryRepository>()
  readonly #hosts = new Map<string, MemoryRepository[]>()

  source(name: RepositoryName): MemoryRepository {
    return this.at(formatRepository(name))
  }

  target(name: RepositoryName): MemoryRepository {
    return this.at(formatRepository(name))
  }

  /** The repository `host/path`; the first to ask for it says of what kind it is. */
  at(
    text: string,
    make: MakeRepository = (name, siblings) => new MemoryRepository(name, siblings),
  ): MemoryRepository {
    const known = this.#repositories.get(text)
    if (known) return known
    const name = parseRepositoryName(text)
    const siblings = this.#hosts.get(name.registry) ?? []
    this.#hosts.set(name.registry, siblings)
    const repository = make(name, siblings)
    siblings.push(repository)
    this.#repositories.set(text, repository)
    return repository
  }
}
