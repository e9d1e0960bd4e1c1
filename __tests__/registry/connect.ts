import type { TestContext } from 'node:test'
import { Secret } from '../../src/inputs/secret.ts'
import type { RegistryCredentials } from '../../src/inputs/settings.ts'
import type { Descriptor } from '../../src/oci/descriptor.ts'
import { digestOf } from '../../src/oci/digest.ts'
import { Authenticator } from '../../src/registry/authenticate.ts'
import { BlobMemory } from '../../src/registry/blob-memory.ts'
import { CredentialStore } from '../../src/registry/credentials.ts'
import { HttpClient } from '../../src/registry/http.ts'
import { KeyedLock } from '../../src/registry/keyed-lock.ts'
import { type RegistryOptions, RemoteRegistries } from '../../src/registry/remote-registries.ts'
import { RemoteRepository } from '../../src/registry/remote-repository.ts'
import type { TargetRepository } from '../../src/registry/repository.ts'
import type { RetryPolicy } from '../../src/registry/retry.ts'
import { RepositoryTransport } from '../../src/registry/transport.ts'
import { UploadHabits } from '../../src/registry/upload-habits.ts'
import type { RequestHead } from '../fakes/registry-exchange.ts'
import type { RegistryServer } from '../fakes/registry-server.ts'

/** As many retries as in a real run, without the waiting. */
export const FAST: RetryPolicy = { retries: 5, firstDelay: 1, longestDelay: 1, longestRetryAfter: 1 }

/** Where the tests keep their images. */
export const PATH = 'team/app'

export interface Connection extends RegistryOptions {
  readonly path?: string
  readonly login?: readonly [username: string, password: string]
}

/** All registries as one run sees them; the connections are closed after the test. */
export function connectRegistries(
  context: TestContext,
  options: RegistryOptions = {},
  credentials: readonly RegistryCredentials[] = [],
): RemoteRegistries {
  const registries = new RemoteRegistries({ credentials, insecure: [] }, { retry: FAST, ...options })
  context.after(() => registries.close())
  return registries
}

/** A repository of a fake registry as a run of its own sees it. */
export function connect(
  context: TestContext,
  { host }: RegistryServer,
  { path = PATH, login, ...options }: Connection = {},
): TargetRepository {
  const credentials = login ? [credentialsOf(host, ...login)] : []
  return connectRegistries(context, options, credentials).target({ registry: host, path })
}

/** The same with credentials out of a docker configuration folder. */
export function connectWithConfig(
  context: TestContext,
  { host }: RegistryServer,
  folder: string,
): TargetRepository {
  const http = new HttpClient({ retry: FAST })
  context.after(() => http.close())
  const store = new CredentialStore([], { DOCKER_CONFIG: folder })
  const name = { registry: host, path: PATH }
  const transport = new RepositoryTransport(name, [], http, new Authenticator(http, store))
  return new RemoteRepository(transport, {
    lock: new KeyedLock(),
    memory: new BlobMemory(),
    habits: new UploadHabits(),
  })
}

export function credentialsOf(prefix: string, username: string, password: string): RegistryCredentials {
  return { prefix, username, password: new Secret(password) }
}

/** A blob of these bytes, as a manifest would name it. */
export function describeBlob(content: string | Uint8Array): Descriptor {
  const bytes = Buffer.from(content)
  return { mediaType: 'application/octet-stream', digest: digestOf(bytes), size: bytes.byteLength }
}

/** Matches requests by method and a part of the path. */
export function on(method: string, part = ''): (request: RequestHead) => boolean {
  return (request) => request.method === method && request.path.includes(part)
}

export async function collect(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  return Buffer.concat(await Array.fromAsync(chunks)).toString()
}
