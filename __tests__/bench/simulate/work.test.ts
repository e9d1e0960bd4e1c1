import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { readRequestLine } from '../../../bench/relay/request-line.ts'
import { buildRelease } from '../../../bench/samples/build-samples.ts'
import { addRequests, type RegistryModel, type Requests } from '../../../bench/simulate/registry-model.ts'
import type { ShardSize } from '../../../bench/simulate/shard-size.ts'
import {
  type Route,
  type StepWork,
  workToAsk,
  workToCopy,
  workToLook,
  workToMoveTags,
  workToPreflight,
  workToProve,
} from '../../../bench/simulate/work.ts'
import { main } from '../../../src/main.ts'
import { buildKeys } from '../../builders/build-keys.ts'
import { buildLock } from '../../builders/build-lock.ts'
import { RecordingReporter } from '../../fakes/recording-reporter.ts'
import { type RegistryServer, startRegistry } from '../../fakes/registry-server.ts'

const FEW = 1
const MANY = 3
const READ_BACK = 'head'
/** What a relay calls a request, as the model counts it. */
const NAMES: Readonly<Record<string, string>> = {
  'GET tag list': 'GET list',
  'GET referrers': 'GET list',
  'GET attached tag': 'GET manifest',
  'PUT attached tag': 'PUT manifest',
}
/** Asked only where looking at a tag took longer than here. */
const SECOND_LOOK = 'HEAD attached tag'
/** What one image more than the first adds: three base layers are there by then. */
const NEXT_IMAGE: ShardSize = { images: 1, small: 7, large: 0, bytes: 0, repeats: 3, repeatBytes: 0 }

/** What one more image costs each side, by what the runs of two releases have asked for. */
type Sides = Readonly<Record<'source' | 'target', Requests>>

class Desk implements AsyncDisposable {
  readonly #images: number
  readonly #registries: readonly RegistryServer[]
  readonly #folder: string

  private constructor(images: number, registries: readonly RegistryServer[], folder: string) {
    this.#images = images
    this.#registries = registries
    this.#folder = folder
  }

  /** A source with so many images, a repository each, and an empty target. */
  static async start(images: number, referrersApi: boolean): Promise<Desk> {
    const folder = await mkdtemp(join(tmpdir(), 'requests '))
    const registries = [await startRegistry({ referrersApi }), await startRegistry({ referrersApi })]
    const [source] = registries
    assert.ok(source)
    const keys = buildKeys()
    const listed = buildRelease({ keys, count: images }).map(({ tag, image, attached }) => {
      for (const artifact of [image, ...attached]) artifact.putInto(source.store, `team/${tag}`)
      return { image: `${source.host}/team/${tag}@${image.digest}` }
    })
    await writeFile(join(folder, 'images.yml'), buildLock(listed))
    await writeFile(join(folder, 'cosign.pub'), keys.publicPem)
    return new Desk(images, registries, folder)
  }

  /** Runs a command on all images, and says what it has asked source and target for. */
  async run(command: 'plan' | 'promote', tags: string): Promise<Sides> {
    for (const { requests } of this.#registries) requests.length = 0
    const raw = new Map(
      Object.entries({
        ...{ command, lock: 'images.yml', tags, 'read-back': READ_BACK },
        to: `${this.#registries[1]?.host}/prod/{name}`,
        'public-key': join(this.#folder, 'cosign.pub'),
      }),
    )
    const reporter = new RecordingReporter()
    const exitCode = await main(() => raw, reporter, {
      environment: {},
      workingDirectory: this.#folder,
      signal: new AbortController().signal,
    })
    assert.ok([0, 2].includes(exitCode), `${this.#images} images: exit code ${exitCode}`)
    const [source = {}, target = {}] = this.#registries.map(countRequests)
    return { source, target }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#registries.map((registry) => registry.stop()))
    await rm(this.#folder, { recursive: true, force: true })
  }
}

function countRequests({ requests }: RegistryServer): Requests {
  const kinds = requests.map(
    ({ method, path }) => readRequestLine(Buffer.from(`${method} ${path}`)) ?? method,
  )
  const counted = kinds.filter((kind) => kind !== SECOND_LOOK)
  return counted.reduce((sum, kind) => addRequests(sum, { [NAMES[kind] ?? kind]: 1 }), {} as Requests)
}

/** What the model says of one image more, without a second look at its two attached tags if they are written. */
function modelled(route: Route, steps: readonly StepWork[], secondLooks: number): Sides {
  const sum = (isWanted: (host: string) => boolean) => {
    const hosts = steps.flatMap((step) => step.hosts.filter(({ host }) => isWanted(host)))
    return hosts.reduce((all, { requests }) => addRequests(all, requests), {} as Requests)
  }
  assert.equal(route.targets, 1)
  return {
    source: sum((host) => host === 'source'),
    target: addRequests(
      sum((host) => host !== 'source'),
      { 'HEAD manifest': -secondLooks },
    ),
  }
}

/** What the runs of two sizes say of one image more. */
function difference(few: Sides, many: Sides): Sides {
  const each = (side: keyof Sides) =>
    addRequests({}, addRequests(many[side], few[side], -1), 1 / (MANY - FEW))
  return { source: each('source'), target: each('target') }
}

for (const referrersApi of [true, false]) {
  test(`the program asks for what the model counts, ${referrersApi ? 'with' : 'without'} the referrers API`, async () => {
    await using few = await Desk.start(FEW, referrersApi)
    await using many = await Desk.start(MANY, referrersApi)
    const measured = async (command: 'plan' | 'promote', tags = 'v1') =>
      difference(await few.run(command, tags), await many.run(command, tags))
    const registry: RegistryModel = {
      name: 'fake',
      ...{ isOneHost: false, mounts: true, referrersApi, quotas: [], latency: 0 },
    }
    const route: Route = { source: registry, target: registry, targets: 1, readBack: READ_BACK }
    const steps = (...works: readonly ((route: Route, size: ShardSize) => StepWork)[]) =>
      works.map((work) => work(route, NEXT_IMAGE))
    const again = [workToLook(route, NEXT_IMAGE, true), workToMoveTags(route, NEXT_IMAGE, true)]
    const released = [workToLook(route, NEXT_IMAGE, true), workToMoveTags(route, NEXT_IMAGE, false)]
    const first = [
      ...steps(workToLook, workToPreflight, workToCopy, workToProve),
      workToMoveTags(route, NEXT_IMAGE, false),
    ]
    assert.deepEqual(await measured('plan'), modelled(route, steps(workToLook, workToAsk), 0))
    assert.deepEqual(await measured('promote'), modelled(route, first, 2))
    assert.deepEqual(await measured('promote'), modelled(route, again, 0))
    // As `finish` has it, which needs no preflight: all is there but the tags.
    assert.deepEqual(
      await measured('promote', 'v2'),
      modelled(route, [...released, ...steps(workToPreflight)], 0),
    )
  })
}
