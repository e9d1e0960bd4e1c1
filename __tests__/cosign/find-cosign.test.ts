import assert from 'node:assert/strict'
import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { describe, test } from 'node:test'
import { findCosign } from '../../src/cosign/find-cosign.ts'
import { PromotionError } from '../../src/errors.ts'
import { temporaryFolder, writeScript } from '../builders/script.ts'

function saying(version: string): string {
  return `[ "$*" = 'version --json' ] && echo '{ "gitVersion": "${version}", "gitCommit": "unknown" }'`
}

function refused(pattern: RegExp) {
  return (error: unknown) =>
    error instanceof PromotionError && error.kind === 'input' && pattern.test(error.message)
}

describe('cosign is found', () => {
  test('at the path given', async (context) => {
    const path = await writeScript(await temporaryFolder(context), saying('v3.1.3'))
    assert.deepEqual(await findCosign(path, {}), { path, version: 'v3.1.3' })
  })

  test('as the first on the PATH that can be run', async (context) => {
    const folder = await temporaryFolder(context)
    const [empty, text, dir, good] = ['empty', 'text', 'dir', 'good'].map((name) => join(folder, name)) as [
      string,
      string,
      string,
      string,
    ]
    for (const each of [empty, text, dir, good]) await mkdir(each)
    await writeFile(join(text, 'cosign'), 'not a program')
    await mkdir(join(dir, 'cosign'))
    const path = await writeScript(good, saying('v3.0.0'))
    const PATH = ['', empty, text, dir, good].join(delimiter)
    assert.deepEqual(await findCosign(undefined, { PATH }), { path, version: 'v3.0.0' })
  })
})

describe('cosign is refused', () => {
  for (const version of ['v2.6.1', 'v4.0.0', 'v30.1.0', 'devel']) {
    test(`in the version ${version}`, async (context) => {
      const path = await writeScript(await temporaryFolder(context), saying(version))
      await assert.rejects(
        () => findCosign(path, {}),
        refused(new RegExp(`is cosign ${version}, not cosign 3`)),
      )
    })
  }

  const scripts: readonly [string, string, RegExp][] = [
    ['when it fails', 'exit 1', /does not run as cosign does/],
    ['when it does not tell its version', 'echo hello', /does not tell its version/],
  ]
  for (const [name, script, pattern] of scripts) {
    test(name, async (context) => {
      const path = await writeScript(await temporaryFolder(context), script)
      await assert.rejects(() => findCosign(path, {}), refused(pattern))
    })
  }

  test('when it is no program', async (context) => {
    const path = await writeScript(await temporaryFolder(context), '')
    await chmod(path, 0o644)
    await assert.rejects(() => findCosign(path, {}), refused(/not a program that can be run/))
    await assert.rejects(() => findCosign(`${path}-missing`, {}), refused(/not a program that can be run/))
  })

  test('when it is nowhere on the PATH', async (context) => {
    const PATH = await temporaryFolder(context)
    await assert.rejects(() => findCosign(undefined, { PATH }), refused(/no cosign on the PATH/))
    await assert.rejects(() => findCosign(undefined, {}), refused(/no cosign on the PATH/))
  })
})
