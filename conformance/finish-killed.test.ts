import assert from 'node:assert/strict'
import { once } from 'node:events'
import { after, before, describe, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { buildImage } from '../__tests__/builders/build-image.ts'
import type { PassedRequest } from './registry-proxy.ts'
import { runCli, startCli } from './run-cli.ts'
import { movesTag, type Place, ShardedRelease, TAG } from './sharded-release.ts'
import { missingTools } from './tools.ts'

const PARTS = [1, 2]
/** Images whose tag the first target does not answer for while `finish` is killed; some of them have an older one, some have none. */
const STALLED = ['app-5', 'app-6', 'app-7', 'app-8']
/** As many images as have been released before. */
const RELEASED_BEFORE = 6
const PAUSE_MS = 20
const skip = missingTools('cosign', 'registry', 'referrers-registry')

describe('finish that is killed while tags move', { skip }, () => {
  let release: ShardedRelease
  let tagsBefore: readonly (string | null)[]
  let play: (image: string) => number | undefined | Promise<number>

  before(async () => {
    release = await ShardedRelease.open((passed) => play(imageOf(passed)))
    play = () => undefined
    for (const image of release.images.slice(0, RELEASED_BEFORE)) {
      await Promise.all(release.placesOf(image).map(releaseOlder))
    }
    tagsBefore = await release.tags()
    assert.equal(await finishKilled(release, (stall) => (play = stall)), 'SIGKILL')
  })

  after(() => release?.[Symbol.asyncDispose]())

  test('leaves some tags moved and some not')

  test('is made undone by the next one when a tag can never be written')

  test('is completed by the next one')
})
