import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { after, before, beforeEach, describe, type TestContext, test } from 'node:test'
import type { WriteStream } from 'node:tty'
import { PINNED_VERSION, pinnedRelease } from '../../src/cosign/cosign-releases.ts'
import { installCosign } from '../../src/cosign/install-cosign.ts'
import { PromotionError } from '../../src/errors.ts'
import { temporaryFolder } from '../builders/script.ts'
import { hangingUp, type ReleaseServer, sending, startReleaseServer } from '../fakes/release-server.ts'

const BINARY = '#!/bin/sh\necho a program\n'
const CHECKSUM = createHash('sha256').update(BINARY).digest('hex')
const RELEASE = { version: '3.0.9', checksum: CHECKSUM }
const PATH = '/cosign/releases/v3.0.9/cosign-linux-amd64'

/** How long the library waits between its attempts, in seconds: not at all in a test. */
const WAITS = ['TEST_DOWNLOAD_TOOL_RETRY_MIN_SECONDS', 'TEST_DOWNLOAD_TOOL_RETRY_MAX_SECONDS']

/** Everything that is written to a stream of this process from now on. */
function writtenTo(context: TestContext, stream: WriteStream) {
  const { mock } = context.mock.method(stream, 'write')
  return () => mock.calls.map(({ arguments: [text] }) => String(text)).join('')
}

async function failure(run: () => Promise<unknown>): Promise<PromotionError> {
  const thrown = await run().then(
    () => undefined,
    (error: unknown) => error,
  )
  assert.ok(thrown instanceof PromotionError)
  return thrown
}

describe('a released cosign', () => {
  let server: ReleaseServer

  before(async () => {
    for (const name of WAITS) Object.assign(globalThis, { [name]: 0 })
    server = await startReleaseServer()
  })

  beforeEach(() => {
    server.answers.clear()
    server.requests.length = 0
    server.answers.set(PATH, sending(BINARY))
  })

  after(async () => {
    for (const name of WAITS) Reflect.deleteProperty(globalThis, name)
    await server[Symbol.asyncDispose]()
  })

  async function runner(context: TestContext) {
    const folder = await temporaryFolder(context)
    const [cache, temp] = [join(folder, 'cache'), join(folder, 'temp')]
    for (const each of [cache, temp]) await mkdir(each)
    return { cache, temp, environment: { RUNNER_TOOL_CACHE: cache, RUNNER_TEMP: temp } }
  }

  function install(environment: Readonly<Record<string, string>>, settings = {}, platform = 'linux-amd64') {
    const mirror = `${server.url}/cosign/releases/`
    return installCosign({ settings: { release: RELEASE, mirror, ...settings }, platform, environment })
  }

  async function filesIn(folder: string): Promise<readonly string[]> {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true })
    return entries.filter((entry) => entry.isFile()).map(({ name }) => name)
  }

  /** Fails unless nothing is installed, and nothing of it stays. */
  async function refused(context: TestContext, pattern: RegExp, settings = {}, platform = 'linux-amd64') {
    const { cache, temp, environment } = await runner(context)
    const error = await failure(() => install(environment, settings, platform))
    assert.equal(error.kind, 'input')
    assert.match(error.message, pattern)
    assert.ok(error.hint)
    assert.deepEqual([await filesIn(cache), await readdir(temp)], [[], []])
  }

  /** Fails unless the download is given up after three attempts, and running again is what to do. */
  async function givenUp(context: TestContext, pattern: RegExp, settings = {}) {
    const { cache, temp, environment } = await runner(context)
    const error = await failure(() => install(environment, settings))
    assert.equal(error.kind, 'registry')
    assert.match(error.message, pattern)
    assert.match(error.hint ?? '', /^Run again, or .* `cosign-mirror`/)
    assert.deepEqual([await filesIn(cache), await readdir(temp)], [[], []])
  }

  test('is downloaded from the mirror, whatever path that has, and can be run', async (context) => {
    const { cache, temp, environment } = await runner(context)
    const path = await install(environment)
    assert.ok(path.startsWith(cache))
    assert.equal(await readFile(path, 'utf8'), BINARY)
    assert.equal((await stat(path)).mode & 0o777, 0o755)
    assert.deepEqual(server.requests, [PATH])
    assert.deepEqual([await filesIn(cache), await readdir(temp)], [['cosign-linux-amd64'], []])
  })

  test('comes from the cache the second time', async (context) => {
    const { environment } = await runner(context)
    const path = await install(environment)
    assert.equal(await install(environment), path)
    assert.equal(server.requests.length, 1)
  })

  test('is downloaded anew when the file in the cache was changed', async (context) => {
    const { environment } = await runner(context)
    const path = await install(environment)
    await writeFile(path, '#!/bin/sh\necho evil\n')
    assert.equal(await install(environment), path)
    assert.equal(await readFile(path, 'utf8'), BINARY)
    assert.equal(server.requests.length, 2)
  })

  test('that was changed in the cache and cannot be had again is an error', async (context) => {
    const { environment } = await runner(context)
    const path = await install(environment)
    await writeFile(path, '#!/bin/sh\necho evil\n')
    server.answers.clear()
    await assert.rejects(() => install(environment), /answered 404/)
  })

  test('of two versions does not take the place of the other', async (context) => {
    const { environment } = await runner(context)
    server.answers.set(PATH.replace('3.0.9', '3.1.0'), sending(BINARY))
    const one = await install(environment)
    const other = await install(environment, { release: { ...RELEASE, version: 'v3.1.0' } })
    assert.notEqual(dirname(one), dirname(other))
  })

  test('goes into the folder of the user outside a runner', async (context) => {
    const cache = await temporaryFolder(context)
    const path = await install({ XDG_CACHE_HOME: cache })
    assert.ok(path.startsWith(join(cache, 'signed-promote')))
  })

  describe('whose server has to be asked twice', () => {
    function failingOnce() {
      let times = 0
      server.answers.set(PATH, (response) => {
        times += 1
        if (times === 1) response.writeHead(503).end()
        else sending(BINARY)(response)
      })
    }

    test('says that it waits on standard error outside a runner, and nothing for the runner', async (context) => {
      const { environment } = await runner(context)
      failingOnce()
      const [out, err] = [writtenTo(context, process.stdout), writtenTo(context, process.stderr)]
      await install(environment)
      assert.match(err(), /Waiting 0 seconds before trying again/)
      assert.doesNotMatch(out(), /Waiting/)
      assert.doesNotMatch(out() + err(), /::debug::/)
    })

    test('tells the runner of a job everything', async (context) => {
      const { environment } = await runner(context)
      failingOnce()
      const out = writtenTo(context, process.stdout)
      await install({ ...environment, GITHUB_ACTIONS: 'true' })
      assert.match(out(), /Waiting 0 seconds before trying again/)
      assert.match(out(), /::debug::download complete/)
    })
  })

  test('is a program with its extension on Windows', async (context) => {
    const { environment } = await runner(context)
    server.answers.set(`${PATH.replace('linux', 'windows')}.exe`, sending(BINARY))
    assert.match(await install(environment, {}, 'windows-amd64'), /cosign-windows-amd64\.exe$/)
  })

  test('is fetched again after an interruption', async (context) => {
    const { environment } = await runner(context)
    let times = 0
    server.answers.set(PATH, (response) => {
      times += 1
      ;(times === 1 ? hangingUp(BINARY) : sending(BINARY))(response)
    })
    assert.equal(await readFile(await install(environment), 'utf8'), BINARY)
    assert.equal(times, 2)
  })

  test('is refused when it is another file', async (context) => {
    server.answers.set(PATH, sending(Buffer.from('\x7fELF evil')))
    await refused(context, /is another file: 9 bytes with the SHA-256 [0-9a-f]{64}, instead of [0-9a-f]{64}/)
  })

  test('is refused when its end is missing', async (context) => {
    server.answers.set(PATH, sending(Buffer.from(`\x7f${BINARY}`).subarray(0, 10)))
    await refused(context, /10 bytes/)
  })

  test('is not to be had for now when the server hangs up, again and again', async (context) => {
    server.answers.set(PATH, hangingUp(BINARY))
    await givenUp(context, /cannot be downloaded: http.*cannot be read \(.+\)/)
    assert.equal(server.requests.length, 3)
  })

  for (const status of [408, 429, 500, 503]) {
    test(`is not to be had for now when the server answers ${status}, again and again`, async (context) => {
      server.answers.set(PATH, (response) => response.writeHead(status).end())
      await givenUp(context, new RegExp(`cosign-linux-amd64 answered ${status}`))
      assert.equal(server.requests.length, 3)
    })
  }

  test('is not to be had for now when nobody listens', async (context) => {
    const closed = await startReleaseServer()
    await closed[Symbol.asyncDispose]()
    await givenUp(context, /cannot be read \(.*ECONNREFUSED.*\)/, { mirror: closed.url })
  })

  for (const status of [401, 403, 410]) {
    test(`is refused when the server answers ${status}`, async (context) => {
      server.answers.set(PATH, (response) => response.writeHead(status).end())
      await refused(context, new RegExp(`cosign-linux-amd64 answered ${status}`))
      assert.equal(server.requests.length, 1)
    })
  }

  test('is refused when a web page stands in its place', async (context) => {
    server.answers.set(PATH, sending('<!doctype html><title>Sign in</title>', 'text/html'))
    await refused(context, /is a text, such as the page of a proxy/)
  })

  test('is refused when it is not there', async (context) => {
    server.answers.clear()
    await refused(context, /v3\.0\.9\/cosign-linux-amd64 answered 404/)
  })

  test('is refused for a platform that has none', async (context) => {
    await refused(
      context,
      /no released cosign for sunos-amd64, only for darwin-amd64, /,
      { release: undefined },
      'sunos-amd64',
    )
    assert.deepEqual(server.requests, [])
  })

  for (const [name, settings] of [
    ['a version that is a path', { release: { ...RELEASE, version: '../3.0.9' } }],
    ['a checksum that is none', { release: { ...RELEASE, checksum: 'sha256:1234' } }],
    ['a mirror that is no URL', { mirror: 'mirror.example.com' }],
    ['a mirror with a password', { mirror: 'https://user:password@mirror.example.com' }],
  ] as const) {
    test(`is refused for ${name}`, async (context) => {
      await refused(context, /is no release of cosign|is not the URL of a web server/, settings)
      assert.deepEqual(server.requests, [])
    })
  }

  test('of the pinned version is refused unless it is exactly that', async (context) => {
    server.answers.set(`/cosign/releases/v${PINNED_VERSION}/cosign-linux-arm64`, sending(BINARY))
    const { checksum = '' } = pinnedRelease('linux-arm64') ?? {}
    await refused(context, new RegExp(`instead of ${checksum}`), { release: undefined }, 'linux-arm64')
  })
})
