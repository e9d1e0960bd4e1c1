import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { main } from '../../src/main.ts'
import type { RunResult } from '../../src/report/run-result.ts'
import { RecordingReporter } from '../fakes/recording-reporter.ts'
import { type RegistryServer, startRegistry } from '../fakes/registry-server.ts'
import type { StoredRepository } from '../fakes/registry-store.ts'
import type { RegistrySwitches } from '../fakes/registry-switches.ts'
import { buildImage } from './build-image.ts'
import { type Run, TARGET_PATH, writesTo } from './promotion-scene.ts'
import { imageResult, runResult, targetResult } from './run-result.ts'

/** What was promoted, what `latest` pointed at before in the first target, and what somebody else moves tags to. */
export const PROMOTED = buildImage({ seed: 'promoted' })
export const OLDER = buildImage({ seed: 'older' })
export const STRANGER = buildImage({ seed: 'somebody else’s' })

const TAGS = ['v1', 'latest']

interface RollbackOptions {
  readonly controller?: AbortController
  /** Called when the tags have been looked at, and before the first of them moves. */
  readonly onLooked?: () => void
}

/** Two targets after a promotion to `v1`, new in both, and to `latest`, new in the second; and the report of that. */
export class RollbackScene {
  readonly first: RegistryServer
  readonly second: RegistryServer
  readonly folder: string
  report: RunResult
  readonly #started: AsyncDisposableStack

  private constructor(
    first: RegistryServer,
    second: RegistryServer,
    folder: string,
    started: AsyncDisposableStack,
  ) {
    this.first = first
    this.second = second
    this.folder = folder
    this.#started = started
    const digest = PROMOTED.digest
    const created = TAGS.map((tag) => ({ tag, action: 'create', done: true }) as const)
    const [v1, latest] = [
      { tag: 'v1', action: 'create', done: true } as const,
      { tag: 'latest', action: 'move', previous: OLDER.digest, done: true } as const,
    ]
    const targets = [
      targetResult({ repository: `${first.host}/${TARGET_PATH}`, tags: [v1, latest] }),
      targetResult({ repository: `${second.host}/${TARGET_PATH}`, tags: created }),
    ]
    this.report = runResult({ images: [imageResult({ digest, targets })] })
  }

  static async start(
    firstSwitches: Partial<RegistrySwitches> = {},
    secondSwitches: Partial<RegistrySwitches> = {},
  ): Promise<RollbackScene> {
    await using stack = new AsyncDisposableStack()
    const folder = stack.adopt(await mkdtemp(join(tmpdir(), 'rollback ')), (path) =>
      rm(path, { recursive: true, force: true }),
    )
    const first = stack.use(await startRegistry(firstSwitches))
    const second = stack.use(await startRegistry(secondSwitches))
    for (const { store } of [first, second]) {
      for (const image of [PROMOTED, OLDER, STRANGER]) image.putInto(store, TARGET_PATH)
      for (const tag of TAGS) store.repository(TARGET_PATH).tags.set(tag, PROMOTED.digest)
    }
    return new RollbackScene(first, second, folder, stack.move())
  }

  /** Writes the report, and runs `rollback` with it. */
  async rollback({
    controller = new AbortController(),
    onLooked = () => {},
  }: RollbackOptions = {}): Promise<Run> {
    await this.writeReport()
    const reporter = new RecordingReporter()
    reporter.onStepEnd = (name) => name === 'Look at the tags' && onLooked()
    const inputs = new Map([
      ['command', 'rollback'],
      ['report', 'report.json'],
    ])
    const exitCode = await main(() => inputs, reporter, {
      environment: {},
      workingDirectory: this.folder,
      signal: controller.signal,
    })
    return { exitCode, result: reporter.result, reporter }
  }

  writeReport(): Promise<void> {
    return writeFile(join(this.folder, 'report.json'), JSON.stringify(this.report))
  }

  /** Puts one digest in the place of another everywhere in the report. */
  replaceInReport(digest: string, by: string): void {
    this.report = JSON.parse(JSON.stringify(this.report).replaceAll(digest, by)) as RunResult
  }

  /** What the tags point at: `v1` and `latest` in the first target, then in the second. */
  tags(): readonly (string | undefined)[] {
    return [this.first, this.second].flatMap((target) =>
      TAGS.map((tag) => repositoryOf(target).tags.get(tag)),
    )
  }

  /** What was written, as `METHOD TAG`, in the first target and then in the second. */
  writes(): readonly string[] {
    return [this.first, this.second].flatMap((target) =>
      writesTo(target).map(({ method, path }) => `${method} ${path.slice(path.lastIndexOf('/') + 1)}`),
    )
  }

  forgetWrites(): void {
    for (const { requests } of [this.first, this.second]) requests.length = 0
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#started.disposeAsync()
  }
}

/** The tags of the scene as they were before the promotion, and as it left them. */
export const BEFORE = [undefined, OLDER.digest, undefined, undefined] as const
export const AFTER = Array.from({ length: 4 }, () => PROMOTED.digest)

/** The repository of a target. */
export function repositoryOf({ store }: RegistryServer): StoredRepository {
  return store.repository(TARGET_PATH)
}

/** Has a target refuse requests of this method for a tag. */
export function refuse(target: RegistryServer, method: string, tag: string): void {
  const isIt = (request: { readonly method: string; readonly path: string }) =>
    request.method === method && request.path.endsWith(`/${tag}`)
  target.fault(isIt, 99, { status: 403 })
}
