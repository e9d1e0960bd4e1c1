import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { requireWritable, writeWhole } from '../../src/files/write-whole.ts'
import { problemsOf } from '../builders/problems-of.ts'
import { temporaryFolder } from '../builders/script.ts'

test('writes a file that only its owner may read and leaves nothing else behind', async (context) => {
  const folder = await temporaryFolder(context)
  const path = join(folder, 'a', 'b', 'report.json')
  await requireWritable([path])
  assert.deepEqual(await readdir(join(folder, 'a', 'b')), [])
  await writeWhole(path, 'text')
  assert.equal(await readFile(path, 'utf8'), 'text')
  assert.equal((await stat(path)).mode & 0o777, 0o600)
  assert.deepEqual(await readdir(join(folder, 'a', 'b')), ['report.json'])
})

test('a text that is written in pieces arrives as it is, wherever a wide character falls', async (context) => {
  const path = join(await temporaryFolder(context), 'report.json')
  for (const odd of ['', 'x']) {
    const text = odd + '😀'.repeat(100_000)
    await writeWhole(path, text)
    assert.ok((await readFile(path, 'utf8')) === text)
  }
  await writeWhole(path, '')
  assert.equal(await readFile(path, 'utf8'), '')
})

test('replaces what was there', async (context) => {
  const path = join(await temporaryFolder(context), 'report.json')
  await writeFile(path, 'a longer text than the new one')
  await writeWhole(path, 'new')
  assert.equal(await readFile(path, 'utf8'), 'new')
})

test('a path that cannot be written is an error that names it, and nothing stays beside it', async (context) => {
  const folder = await temporaryFolder(context)
  const path = join(folder, 'report.json')
  await mkdir(path)
  const [error] = await problemsOf(() => writeWhole(path, 'text'))
  assert.equal(error?.kind, 'incomplete')
  assert.ok(error?.message.startsWith(`The file ${path} cannot be written: `))
  assert.deepEqual(await readdir(folder), ['report.json'])
})

test('does not write through a link that lies beside the file', async (context) => {
  const folder = await temporaryFolder(context)
  await writeFile(join(folder, 'victim'), 'precious')
  const path = join(folder, 'report.json')
  await symlink(join(folder, 'victim'), path)
  await requireWritable([path])
  await writeWhole(path, 'text')
  assert.equal(await readFile(join(folder, 'victim'), 'utf8'), 'precious')
  assert.equal(await readFile(path, 'utf8'), 'text')
})

test('a folder that cannot be written to is known before anything else is done', async (context) => {
  const folder = await temporaryFolder(context)
  await writeFile(join(folder, 'file'), '')
  const [error] = await problemsOf(() => requireWritable([join(folder, 'file', 'lock.yml')]))
  assert.equal(error?.kind, 'input')
  assert.match(error?.message ?? '', /lock\.yml cannot be written: /)
})

test('what is not a plain file is never replaced', async (context) => {
  const folder = await temporaryFolder(context)
  const path = join(folder, 'pipe')
  execFileSync('mkfifo', [path])
  const [error] = await problemsOf(() => requireWritable([path]))
  assert.equal(error?.kind, 'input')
  assert.match(error?.message ?? '', /pipe cannot be written: it is not a plain file/)
  assert.deepEqual(await readdir(folder), ['pipe'])
})
