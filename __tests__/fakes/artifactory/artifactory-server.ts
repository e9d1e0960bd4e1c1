import type { FaultHandler } from '../registry-faults.ts'
import { type RecordedRequest, type RegistryServer, startRegistry } from '../registry-server.ts'
import type { RegistrySwitches } from '../registry-switches.ts'
import { API_ROOT, ArtifactoryApi } from './artifactory-api.ts'
import { ArtifactoryTree } from './artifactory-tree.ts'

/** An Artifactory in memory: a fake registry whose repositories are also files, and the REST API over them. */
export class ArtifactoryServer {
  readonly registry: RegistryServer
  readonly tree: ArtifactoryTree
  /** What kind of repository a key is, where it is not a local one. */
  readonly classes = new Map<string, string>()
  /** Answers in place of the REST API, as a proxy before it does. */
  inFront: FaultHandler = (_request, proceed) => proceed()

  constructor(registry: RegistryServer) {
    this.registry = registry
    this.tree = new ArtifactoryTree(registry.store)
    const api = new ArtifactoryApi(this.tree, this.classes, () => registry.switches.auth)
    registry.fault(isRest, Number.POSITIVE_INFINITY, (request) =>
      this.inFront(request, () => api.answer(request)),
    )
  }

  get host(): string {
    return this.registry.host
  }

  get url(): string {
    return `http://${this.host}${API_ROOT}`
  }

  /** What the REST API was asked, each as its method and path. */
  get asked(): readonly string[] {
    return this.registry.requests
      .filter(isRest)
      .map(({ method, path }) => `${method} ${decodeURIComponent(path.slice(API_ROOT.length))}`)
  }

  /** Requests by which bytes of a blob went through the client; a preflight begins an upload, and sends nothing. */
  get transfers(): readonly RecordedRequest[] {
    return this.registry.requests.filter(
      ({ path, bytesIn, bytesOut }) => path.includes('/blobs/') && bytesIn + bytesOut > 0,
    )
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.registry.stop()
  }
}

/** Starts an Artifactory on loopback, in which repositories are named by `HOST/KEY/IMAGE`. */
export async function startArtifactory(switches: Partial<RegistrySwitches> = {}): Promise<ArtifactoryServer> {
  return new ArtifactoryServer(await startRegistry(switches))
}

function isRest({ path }: { readonly path: string }): boolean {
  return path.startsWith(`${API_ROOT}/`)
}
