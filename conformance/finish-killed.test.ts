import assert from 'node:assert/strict'
import { once } from 'node:events'
import { after, before, describe, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { buildImage } from '../__tests__/builders/build-image.ts'
import type { PassedRequest } from './registry-proxy.ts'
import { type CliRun, runCli, startCli } from './run-cli.ts'
import { movesTag, type Place, ShardedRelease, TAG } from './sharded-release.ts'
import { missingTools } from './tools.ts'

const PARTS = [1, 2]
/** The images that the targets have under the same tag in an older version; the other half is new there. */
const OLDER = ['app-1', 'app-2', 'app-3', 'app-4', 'app-5', 'app-6']
/** Those whose tag the first target does not answer for when it hangs, of each half. */
const STALLED = ['app-5', 'app-6', 'app-7', 'app-8']
const FINISH = ['finish', '--plan', 'plan.json', '--reports', 'part-*.json', '--verify', 'none']
const PAUSE_MS = 20

type Answer = number | undefined | Promise<number>

describe('finish that was killed while tags moved', {
  skip: missingTools('cosign', 'registry', 'referrers-registry'),
}, () => {
  let release: ShardedRelease
  let play: (image: string) => Answer = () => undefined
  let tagsBefore: readonly (string | null)[]

  before(async () => {
    release = await ShardedRelease.open((passed) => (movesTag(passed) ? play(imageOf(passed)) : undefined))
    const older = release.images.filter(({ name }) => OLDER.includes(name))
    await Promise.all(older.flatMap((image) => release.placesOf(image)).map(releaseOlder))
    tagsBefore = await release.tags()
    await prepare()
  })

  after(() => release?.[Symbol.asyncDispose]())

  async function run(...args: readonly string[]): Promise<CliRun> {
    return await runCli(release.folder, ...args)
  }

  async function prepare(): Promise<void> {
    const to = release.targets.join('\n')
    const planned = await run(
      ...['plan', '--lock', 'images.yml', '--to', to, '--tags', TAG, '--existing-tags', 'move'],
      ...['--verify', 'none', '--plan-output', 'plan.json', '--shards', String(PARTS.length)],
    )
    assert.equal(planned.exitCode, 2, planned.output)
    for (const part of PARTS) {
      const shard = ['--shard', `${part}/${PARTS.length}`, '--report', `part-${part}.json`]
      const brought = await run('promote', '--plan', 'plan.json', '--verify', 'none', ...shard)
      assert.equal(brought.exitCode, 0, brought.output)
    }
  }

  /** What each tag points at when all have moved. */
  function released(): readonly string[] {
    return release.images.flatMap((image) => release.placesOf(image).map(() => image.digest))
  }

  /** Kills `finish` when all tags have moved but those that the target does not answer for. */
  async function killFinish(): Promise<void> {
    play = (image) => (STALLED.includes(image) ? new Promise(() => {}) : undefined)
    const child = startCli({}, release.folder, ...FINISH)
    const ended = once(child, 'exit')
    child.stdout.resume()
    child.stderr.resume()
    const wanted = released()
    const left = async () => (await release.tags()).filter((tag, at) => tag !== wanted[at]).length
    while ((await left()) > STALLED.length && child.exitCode === null) await pause(PAUSE_MS)
    child.kill('SIGKILL')
    assert.deepEqual(await ended, [null, 'SIGKILL'])
    assert.equal(await left(), STALLED.length)
  }

  test('is undone by the next one, its own tags and those that it had moved, where one can never be written', async () => {
    await killFinish()
    play = (image) => (image === STALLED[0] ? 403 : undefined)
    const { exitCode, output } = await run(...FINISH)
    assert.equal(exitCode, 4, output)
    assert.match(output, /A tag could not be moved \(no tag is left on a new image\)/)
    assert.deepEqual(await release.tags(), tagsBefore)
  })

  test('is completed by the next one', async () => {
    await killFinish()
    play = () => undefined
    const { exitCode, output } = await run(...FINISH)
    assert.equal(exitCode, 0, output)
    assert.deepEqual(await release.tags(), released())
    assert.deepEqual(await release.incomplete(), [])
  })
})

/** The name of the image whose tag is written. */
function imageOf({ path }: PassedRequest): string {
  return path.split('/')[3] ?? ''
}

async function releaseOlder({ host, path }: Place): Promise<void> {
  await buildImage({ seed: `older ${path}` }).pushTo(host, path, TAG)
}
