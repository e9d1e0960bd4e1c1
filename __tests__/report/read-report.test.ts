import assert from 'node:assert/strict'
import { truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { readReport } from '../../src/report/read-report.ts'
import { problemsOf } from '../builders/problems-of.ts'
import { runResult } from '../builders/run-result.ts'
import { temporaryFolder } from '../builders/script.ts'

const MIB = 1024 * 1024

test('a report is read at a path that starts at the working directory', async (context) => {
  const folder = await temporaryFolder(context)
  await writeFile(join(folder, 'report.json'), JSON.stringify(runResult()))
  assert.equal((await readReport('report.json', folder)).images.length, 1)
})

test('one that is larger than a list may be is read', async (context) => {
  const folder = await temporaryFolder(context)
  const text = JSON.stringify(runResult({ warnings: ['x'.repeat(3 * MIB)] }))
  await writeFile(join(folder, 'large.json'), text)
  assert.equal((await readReport('large.json', folder)).warnings[0]?.length, 3 * MIB)
})

test('a file of more than 128 MiB is refused before it is read', async (context) => {
  const folder = await temporaryFolder(context)
  await writeFile(join(folder, 'huge.json'), '')
  await truncate(join(folder, 'huge.json'), 128 * MIB + 1)
  const [problem] = await problemsOf(() => readReport('huge.json', folder))
  assert.equal(problem?.message, 'The file is larger than 128 MiB')
  assert.deepEqual(problem?.location, { file: 'huge.json' })
})
