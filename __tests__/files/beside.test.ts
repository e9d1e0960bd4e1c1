import assert from 'node:assert/strict'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, test } from 'node:test'
import { beside, besideThenRename } from '../../src/files/beside.ts'

let folder: string
let file: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'beside '))
  file = join(folder, 'file')
  await writeFile(file, 'old')
})

afterEach(() => rm(folder, { recursive: true, force: true }))

/** What is in the folder, and in the file. */
async function found(): Promise<readonly string[]> {
  return [...(await readdir(folder)), await readFile(file, 'utf8')]
}

test('the file is the old one until the new one is whole', async () => {
  await besideThenRename(file, async (temporary) => {
    await writeFile(temporary, 'ne')
    assert.equal(await readFile(file, 'utf8'), 'old')
    await writeFile(temporary, 'new')
  })
  assert.deepEqual(await found(), ['file', 'new'])
})

test('a failure leaves the old file and nothing beside it', async () => {
  const failing = besideThenRename(file, async (temporary) => {
    await writeFile(temporary, 'ne')
    throw new Error('no room')
  })
  await assert.rejects(failing, /no room/)
  assert.deepEqual(await found(), ['file', 'old'])
})

test('what is only tried is gone afterwards', async () => {
  await beside(file, (temporary) => writeFile(temporary, 'a trial'))
  assert.deepEqual(await found(), ['file', 'old'])
})
