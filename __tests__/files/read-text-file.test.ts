import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { readTextFile } from '../../src/files/read-text-file.ts'
import { problemsOf } from '../builders/problems-of.ts'
import { temporaryFolder } from '../builders/script.ts'

test('reads a file to its end, an empty one too', async (context) => {
  const folder = await temporaryFolder(context)
  for (const text of ['', 'x', 'ä'.repeat(100_000)]) {
    await writeFile(join(folder, 'list.yml'), text)
    assert.equal((await readTextFile('list.yml', folder)).text, text)
  }
})

test('takes as many bytes as are allowed, and not one more', async (context) => {
  const folder = await temporaryFolder(context)
  await writeFile(join(folder, 'list.yml'), 'x'.repeat(1000))
  assert.equal((await readTextFile('list.yml', folder, 1000)).text.length, 1000)
  const [error] = await problemsOf(() => readTextFile('list.yml', folder, 999))
  assert.match(error?.message ?? '', /is larger than/)
})

// The system says that files of /proc are empty.
test('a file that is longer than the system says is read whole, or refused', {
  skip: process.platform !== 'linux',
}, async () => {
  const { text } = await readTextFile('/proc/version', '/proc')
  assert.equal(text, await readFile('/proc/version', 'utf8'))
  const [error] = await problemsOf(() => readTextFile('/proc/version', '/proc', text.length - 1))
  assert.match(error?.message ?? '', /is larger than/)
})
