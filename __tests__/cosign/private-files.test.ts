import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { readdir, readFile, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { withPrivateFiles } from '../../src/cosign/private-files.ts'
import { temporaryFolder } from '../builders/script.ts'

test('gives files in a folder that nobody else can read, and removes it', async (context) => {
  const parent = await temporaryFolder(context)
  const result = await withPrivateFiles({ one: 'first', two: 'second' }, parent, async (folder) => {
    assert.ok(folder)
    assert.equal(dirname(folder), parent)
    assert.equal((await stat(folder)).mode & 0o777, 0o700)
    for (const [name, text] of [
      ['one', 'first'],
      ['two', 'second'],
    ] as const) {
      assert.equal((await stat(join(folder, name))).mode & 0o777, 0o600)
      assert.equal(await readFile(join(folder, name), 'utf8'), text)
    }
    return 'result'
  })
  assert.equal(result, 'result')
  assert.deepEqual(await readdir(parent), [])
})

test('removes the folder after a failure too', async () => {
  let seen = ''
  await assert.rejects(
    () =>
      withPrivateFiles({ one: 'first' }, undefined, async (folder = '') => {
        seen = folder
        throw new Error('for the test')
      }),
    /for the test/,
  )
  assert.ok(seen !== '' && !existsSync(seen))
})

test('makes nothing without a file', async (context) => {
  const parent = await temporaryFolder(context)
  await withPrivateFiles({}, parent, async (folder) => {
    assert.equal(folder, undefined)
    assert.deepEqual(await readdir(parent), [])
  })
})
