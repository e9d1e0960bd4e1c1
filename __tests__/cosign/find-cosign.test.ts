import assert from 'node:assert/strict'
import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { describe, test } from 'node:test'
import { releasePlatform } from '../../src/cosign/cosign-releases.ts'
import { findCosign } from '../../src/cosign/find-cosign.ts'
import { PromotionError } from '../../src/errors.ts'
import type { CosignSettings } from '../../src/inputs/settings.ts'
import { digestOf, hexOf } from '../../src/oci/digest.ts'
import { temporaryFolder, writeScript } from '../builders/script.ts'
import { sending, startReleaseServer } from '../fakes/release-server.ts'

const NOTHING: CosignSettings = { path: undefined, release: undefined, mirror: undefined }

function saying(version: string): string {
  return `[ "$*" = 'version --json' ] && echo '{ "gitVersion": "${version}", "gitCommit": "unknown" }'`
}

function refused(pattern: RegExp) {
  return (error: unknown) =>
    error instanceof PromotionError && error.kind === 'input' && pattern.test(error.message)
}

/** Folders of these names in a new one. */
async function folders(context: Parameters<typeof temporaryFolder>[0], ...names: readonly string[]) {
  const folder = await temporaryFolder(context)
  return Promise.all(
    names.map(async (name) => {
      await mkdir(join(folder, name))
      return join(folder, name)
    }),
  )
}

describe('cosign is found', () => {
  test('at the path given', async (context) => {
    const path = await writeScript(await temporaryFolder(context), saying('v3.1.3'))
    assert.deepEqual(await findCosign({ ...NOTHING, path }, {}), { path, version: 'v3.1.3' })
  })

  test('as the first cosign 3 on the PATH, whatever else is called cosign there', async (context) => {
    const [empty = '', text = '', folder = '', broken = '', old = '', good = ''] = await folders(
      context,
      ...['empty', 'text', 'folder', 'broken', 'old', 'good'],
    )
    await writeFile(join(text, 'cosign'), 'not a program')
    await mkdir(join(folder, 'cosign'))
    await writeFile(join(broken, 'cosign'), Buffer.from([0, 1, 2]), { mode: 0o755 })
    await writeScript(old, saying('v2.6.1'))
    const path = await writeScript(good, saying('v3.0.0'))
    const PATH = ['', empty, text, folder, broken, old, good].join(delimiter)
    assert.deepEqual(await findCosign(NOTHING, { PATH }), { path, version: 'v3.0.0' })
  })
})

describe('cosign is downloaded', () => {
  const platform = releasePlatform(process.platform, process.arch)

  async function release(version: string) {
    const server = await startReleaseServer()
    const binary = `#!/bin/sh\n${saying(version)}\n`
    server.answers.set(`/${version}/cosign-${platform}`, sending(binary))
    return { server, release: { version, checksum: hexOf(digestOf(Buffer.from(binary))) } }
  }

  test('in the version that was asked for, although another one is on the PATH', async (context) => {
    const [PATH = '', RUNNER_TOOL_CACHE] = await folders(context, 'bin', 'cache')
    await writeScript(PATH, saying('v3.1.3'))
    const { server, release: wanted } = await release('v3.0.9')
    await using _ = server
    const settings = { ...NOTHING, release: wanted, mirror: server.url }
    const { path, version } = await findCosign(settings, { PATH, RUNNER_TOOL_CACHE })
    assert.equal(version, 'v3.0.9')
    assert.ok(path.startsWith(RUNNER_TOOL_CACHE ?? '?'))
  })

  test('and refused when it is no cosign 3 after all', async (context) => {
    const [RUNNER_TOOL_CACHE] = await folders(context, 'cache')
    const { server, release: wanted } = await release('v2.6.1')
    await using _ = server
    await assert.rejects(
      () => findCosign({ ...NOTHING, release: wanted, mirror: server.url }, { RUNNER_TOOL_CACHE }),
      refused(/is cosign v2\.6\.1, not cosign 3/),
    )
  })

  test('when there is none on the PATH, in the pinned version', async (context) => {
    const [PATH, RUNNER_TOOL_CACHE] = await folders(context, 'bin', 'cache')
    await using server = await startReleaseServer()
    const environment = { PATH, RUNNER_TOOL_CACHE }
    await assert.rejects(
      () => findCosign({ ...NOTHING, mirror: server.url }, environment),
      refused(/answered 404/),
    )
    assert.deepEqual(server.requests, [`/v3.1.3/cosign-${platform}`])
  })
})

describe('cosign is refused', () => {
  for (const version of ['v2.6.1', 'v4.0.0', 'v30.1.0', 'devel']) {
    test(`in the version ${version}`, async (context) => {
      const path = await writeScript(await temporaryFolder(context), saying(version))
      await assert.rejects(
        () => findCosign({ ...NOTHING, path }, {}),
        refused(new RegExp(`is cosign ${version}, not cosign 3`)),
      )
    })
  }

  const scripts: readonly [string, string, RegExp][] = [
    ['when it fails', 'echo no >&2; exit 1', /does not tell its version as cosign does: .*exit code 1: no/],
    ['when it does not tell its version', 'echo hello', /does not tell its version as cosign does/],
    ['when it is killed', 'kill -9 $$', /was ended by a signal/],
  ]
  for (const [name, script, pattern] of scripts) {
    test(name, async (context) => {
      const path = await writeScript(await temporaryFolder(context), script)
      await assert.rejects(() => findCosign({ ...NOTHING, path }, {}), refused(pattern))
    })
  }

  test('when it is no program', async (context) => {
    const path = await writeScript(await temporaryFolder(context), '')
    await chmod(path, 0o644)
    for (const each of [path, `${path}-missing`]) {
      const settings = { ...NOTHING, path: each }
      await assert.rejects(() => findCosign(settings, {}), refused(/not a program that can be run/))
    }
  })
})
