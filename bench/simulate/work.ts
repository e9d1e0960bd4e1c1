import { addRequests, type RegistryModel, type Requests } from './registry-model.ts'
import type { ShardSize } from './shard-size.ts'

/** What one registry is asked for in a step, and the bytes of blobs that pass. */
export interface Load {
  readonly requests: Requests
  readonly read: number
  readonly written: number
}

export interface HostWork extends Load {
  readonly host: string
  readonly registry: RegistryModel
}

/** One step of a run. `queue`: seconds of waiting that are shared by so many places only, whatever the host allows. */
export interface StepWork {
  readonly hosts: readonly HostWork[]
  readonly queue?: { readonly name: string; readonly latencies: number; readonly places: number }
}

/** Where a release is promoted from and to. */
export interface Route {
  readonly source: RegistryModel
  readonly target: RegistryModel
  readonly targets: number
  /** As the input of that name; `auto` where it is left out. */
  readonly readBack?: 'full' | 'head'
}

/** How each image of the release is built: an index, its children and what is attached, one signature of it to be judged. */
const CHILDREN = 2
const MANIFESTS = CHILDREN + 1
const ATTACHED = 2
const GRAPH = MANIFESTS + ATTACHED
const SIGNATURES = 1
/** Children are read back; a tag that others may write too is read, asked for again right before it is written, and read once more. */
const MANIFEST_WRITES: Requests = {
  'PUT manifest': MANIFESTS + ATTACHED,
  'GET manifest': CHILDREN + 2 * ATTACHED,
  'HEAD manifest': ATTACHED,
}
/** Bytes up to which all blobs are read back in full (commands/bring-images.ts). */
const READ_BACK_LIMIT = 1024 ** 3
/** Large blobs under way at a time (copy/copy-images.ts), and the answers that one waits for: asked for, begun, read, sent, proven. */
const LARGE_BLOBS = { places: 4, answers: 5 }
/** Tags moved at a time (copy/move-tags.ts), and the answers that one waits for: read, written, read again. */
const TAGS = { places: 32, answers: 3 }

/** Looks at source and targets and judges the signatures; `isThere`: the targets have everything already. */
export function workToLook(route: Route, { images }: ShardSize, isThere = false): StepWork {
  const atSource: Requests = {
    'GET manifest': isThere ? ATTACHED : GRAPH,
    'GET list': 1 + referrersOf(route.source, GRAPH),
    'GET blob': SIGNATURES,
  }
  const atTarget: Requests = {
    'GET manifest': isThere ? GRAPH : 1,
    'HEAD manifest': 1,
    'GET list': 1 + (isThere ? referrersOf(route.target, GRAPH) : 0),
  }
  return { hosts: hostsOf(route, times(atSource, images), times(atTarget, images * route.targets)) }
}

/** `plan` asks the targets for each blob besides, so as to say what will be sent. */
export function workToAsk(route: Route, { small, large, repeats }: ShardSize): StepWork {
  const asked = times({ 'HEAD blob': 1 }, (small + large + repeats) * route.targets)
  return { hosts: hostsOf(route, NOTHING, asked) }
}

/** Begins an upload in each repository and gives it up, to learn whether it may be written to. */
export function workToPreflight(route: Route, { images }: ShardSize): StepWork {
  const asked = times({ 'POST upload': 1, 'DELETE upload': 1 }, images * route.targets)
  return { hosts: hostsOf(route, NOTHING, asked) }
}

/** Copies by digest, and reads back what was sent. */
export function workToCopy(route: Route, size: ShardSize): StepWork {
  const { target, targets } = route
  const { images, small, large, repeats } = size
  const copies = target.isOneHost && target.mounts ? 1 : targets
  const mounted = repeats * targets + (targets - copies) * (small + large)
  const again = target.mounts ? 0 : size.repeatBytes
  const written = copies * size.bytes + targets * again
  const isReadBack = (route.readBack ?? (written <= READ_BACK_LIMIT ? 'full' : 'head')) === 'full'
  const proof: Requests = isReadBack ? { 'GET blob': 1 } : { 'HEAD blob': 1 }
  const upload: Requests = { 'POST upload': 1, 'PUT upload': 1 }
  const atTargets = [
    times(addRequests(upload, proof), (small + large) * copies),
    // A large one is asked for first.
    times({ 'HEAD blob': 1 }, large * copies),
    times({ 'POST upload': 1, 'HEAD blob': 1 }, mounted),
    times(target.mounts ? {} : { 'POST upload': 1, 'HEAD blob': 1, 'PUT upload': 1 }, mounted),
    times(MANIFEST_WRITES, images * targets),
  ].reduce((sum, { requests }) => addRequests(sum, requests), {} as Requests)
  const atSource = { 'GET blob': small + large - SIGNATURES * images }
  return {
    hosts: hostsOf(
      route,
      { requests: atSource, read: size.bytes + again, written: 0 },
      { requests: atTargets, read: isReadBack ? written : 0, written },
    ),
    queue: {
      name: 'large blobs, four at a time',
      latencies: large * LARGE_BLOBS.answers,
      places: LARGE_BLOBS.places,
    },
  }
}

/** Looks at every image where it was written. */
export function workToProve(route: Route, { images }: ShardSize): StepWork {
  const proof: Requests = { 'GET manifest': 1, 'GET list': 1, 'GET blob': SIGNATURES }
  return { hosts: hostsOf(route, NOTHING, times(proof, images * route.targets)) }
}

/** Moves a tag of each image in each target, or finds that it is where it should be. */
export function workToMoveTags(route: Route, { images }: ShardSize, isThere: boolean): StepWork {
  const tags = images * route.targets
  const move: Requests = isThere ? { 'GET manifest': 1 } : { 'GET manifest': 2, 'PUT manifest': 1 }
  const answers = isThere ? 1 : TAGS.answers
  return {
    hosts: hostsOf(route, NOTHING, times(move, tags)),
    queue: { name: 'tags, 32 at a time', latencies: tags * answers, places: TAGS.places },
  }
}

const NOTHING: Load = { requests: {}, read: 0, written: 0 }

function times(requests: Requests, count: number): Load {
  return { requests: addRequests({}, requests, count), read: 0, written: 0 }
}

/** Targets on hosts of their own share the load evenly; those of one host are one. */
function hostsOf({ source, target, targets }: Route, atSource: Load, atTargets: Load): readonly HostWork[] {
  const count = target.isOneHost ? 1 : targets
  const each = {
    requests: addRequests({}, atTargets.requests, 1 / count),
    read: atTargets.read / count,
    written: atTargets.written / count,
  }
  return [
    { host: 'source', registry: source, ...atSource },
    ...Array.from({ length: count }, (_, index) => ({
      host: `target ${index + 1}`,
      registry: target,
      ...each,
    })),
  ]
}

/** One question a manifest, or one that shows that there is no such API. */
function referrersOf({ referrersApi }: RegistryModel, manifests: number): number {
  return referrersApi ? manifests : 1
}
