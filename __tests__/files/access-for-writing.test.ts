import assert from 'node:assert/strict'
import { chmod, mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { accessForWriting } from '../../src/files/access-for-writing.ts'
import { layoutFolder } from '../builders/open-layout.ts'

test('what is not there yet can be written where the next folder above it can, and is not made', async (context) => {
  const folder = await layoutFolder(context)
  await accessForWriting(join(folder, 'a/b/c'))
  assert.deepEqual(await readdir(folder), [])
})

test('a folder that may not be written to is refused for all below it', {
  skip: process.getuid?.() === 0 && 'the superuser may write anywhere',
}, async (context) => {
  const folder = await layoutFolder(context)
  const closed = join(folder, 'closed')
  await mkdir(closed)
  await chmod(closed, 0o500)
  await assert.rejects(accessForWriting(join(closed, 'a/b')), { code: 'EACCES' })
})
