import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { main } from '../../src/main.ts'
import type { RunResult } from '../../src/report/run-result.ts'
import type { Surroundings } from '../../src/services/surroundings.ts'
import { RecordingReporter } from '../fakes/recording-reporter.ts'
import { type RecordedRequest, type RegistryServer, startRegistry } from '../fakes/registry-server.ts'
import type { RegistrySwitches } from '../fakes/registry-switches.ts'
import { buildKeys, type KeyPair } from './build-keys.ts'
import { buildLock, type LockEntry } from './build-lock.ts'
import { type BuiltSample, buildCompleteSample } from './build-sample.ts'

/** The repository of the source that holds what is to be promoted. */
export const SOURCE_PATH = 'team/app'
/** The repository of each target. */
export const TARGET_PATH = 'prod/app'
const WRITES = ['POST', 'PUT', 'PATCH', 'DELETE']

/** What a run gave back. */
export interface Run {
  readonly exitCode: number
  readonly result: RunResult
  readonly reporter: RecordingReporter
}

interface RunOptions {
  readonly environment?: Readonly<Record<string, string>>
  readonly controller?: AbortController
  /** Other times than the product's own. */
  readonly pace?: NonNullable<Surroundings['pace']>
  readonly onStep?: (name: string) => void
  readonly onStepEnd?: (name: string) => void
}

/** A source and targets over HTTP, a key that signed the complete sample in the source, and a lock that lists it. */
export class PromotionScene {
  readonly source: RegistryServer
  readonly targets: readonly RegistryServer[]
  readonly folder: string
  readonly keys: KeyPair
  readonly sample: BuiltSample

  private constructor(
    source: RegistryServer,
    targets: readonly RegistryServer[],
    folder: string,
    keys: KeyPair,
  ) {
    this.source = source
    this.targets = targets
    this.folder = folder
    this.keys = keys
    this.sample = buildCompleteSample('promoted', keys, { stage: 'test' })
  }

  static async start(
    source: Partial<RegistrySwitches> = {},
    targets: readonly Partial<RegistrySwitches>[] = [{}],
  ): Promise<PromotionScene> {
    const folder = await mkdtemp(join(tmpdir(), 'promotion '))
    const scene = new PromotionScene(
      await startRegistry(source),
      await Promise.all(targets.map((switches) => startRegistry(switches))),
      folder,
      buildKeys(),
    )
    scene.sample.putInto(scene.source.store, SOURCE_PATH, 'v1')
    await scene.write('cosign.pub', scene.keys.publicPem)
    await scene.write('cosign.key', scene.keys.privatePem)
    await scene.list({ image: scene.reference() })
    return scene
  }

  /** The target, when there is only one. */
  get target(): RegistryServer {
    const [only] = this.targets
    if (only === undefined) throw new Error('the scene has no target')
    return only
  }

  /** `host/path@digest` of the sample, or of another image in the same repository. */
  reference(digest: string = this.sample.image.digest): string {
    return `${this.source.host}/${SOURCE_PATH}@${digest}`
  }

  path(name: string): string {
    return join(this.folder, name)
  }

  async write(name: string, text: string): Promise<string> {
    await writeFile(this.path(name), text)
    return this.path(name)
  }

  /** Replaces the lock. */
  async list(...entries: readonly LockEntry[]): Promise<void> {
    await this.write('images.yml', buildLock(entries))
  }

  /** Runs `main` to promote the lock to all targets under the tag v1, with these inputs changed; an empty one is not given. */
  async run(inputs: Readonly<Record<string, string>> = {}, options: RunOptions = {}): Promise<Run> {
    const given = {
      lock: 'images.yml',
      to: this.targets.map(({ host }) => `${host}/${TARGET_PATH}`).join('\n'),
      'public-key': this.path('cosign.pub'),
      tags: 'v1',
      ...inputs,
    }
    const raw = new Map(Object.entries(given).filter(([, value]) => value !== ''))
    const reporter = new RecordingReporter()
    reporter.onStep = options.onStep ?? reporter.onStep
    reporter.onStepEnd = options.onStepEnd ?? reporter.onStepEnd
    const exitCode = await main(() => raw, reporter, {
      environment: options.environment ?? {},
      workingDirectory: this.folder,
      signal: (options.controller ?? new AbortController()).signal,
      ...(options.pace && { pace: options.pace }),
    })
    return { exitCode, result: reporter.result, reporter }
  }

  /** Runs one of the commands that work on images where they are. */
  runInPlace(command: 'sign' | 'verify', inputs: Readonly<Record<string, string>> = {}): Promise<Run> {
    const own = command === 'sign' ? { 'public-key': '', key: this.path('cosign.key'), sign: 'key' } : {}
    return this.run({ command, to: '', tags: '', ...own, ...inputs })
  }

  async readJson(name: string): Promise<unknown> {
    return JSON.parse(await readFile(this.path(name), 'utf8'))
  }

  /** What a tag of a target points at. */
  tagAt(target: RegistryServer, tag: string): string | undefined {
    return target.store.repository(TARGET_PATH).tags.get(tag)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.source, ...this.targets].map((registry) => registry.stop()))
    await rm(this.folder, { recursive: true, force: true })
  }
}

/** The requests that write something. */
export function writesTo(registry: RegistryServer): readonly RecordedRequest[] {
  return registry.requestsBy(...WRITES)
}
