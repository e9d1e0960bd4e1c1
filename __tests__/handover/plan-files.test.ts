import assert from 'node:assert/strict'
import { mkdir, readFile, symlink, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { LARGEST_TEXT } from '../../src/files/largest-text.ts'
import { problemsOf } from '../builders/problems-of.ts'
import { openDesk } from './desk.ts'

const same = <T>(report: T) => report

test('a plan in a file is read by the path that it was saved under, from the working directory', async (context) => {
  const { handover, folder } = await openDesk(context)
  assert.equal(await handover.savePlan('plan.json', '{"größe":1}'), 'plan.json')
  assert.equal(await handover.readPlan('plan.json'), '{"größe":1}')
  assert.equal(await readFile(join(folder, 'plan.json'), 'utf8'), '{"größe":1}')
  await handover.savePlan(join(folder, 'plan.json'), '{}')
  assert.equal(await handover.readPlan('plan.json'), '{}')
})

test('a plan in a file may be larger than the lists that people write', async (context) => {
  const { handover } = await openDesk(context)
  const text = 'x'.repeat(3 * 1024 * 1024)
  await handover.savePlan('plan.json', text)
  assert.equal((await handover.readPlan('plan.json')).length, text.length)
})

test('refuses a plan that is too large, before it is read', async (context) => {
  const { handover, folder } = await openDesk(context)
  await writeFile(join(folder, 'plan.json'), '')
  await truncate(join(folder, 'plan.json'), LARGEST_TEXT + 1)
  const [error] = await problemsOf(() => handover.readPlan('plan.json'))
  assert.deepEqual([error?.kind, error?.message], ['input', 'The file is larger than 128 MiB'])
})

test('does not save what could not be read again', async (context) => {
  const { handover, folder } = await openDesk(context)
  const [error] = await problemsOf(() => handover.savePlan('plan.json', 'x'.repeat(LARGEST_TEXT + 1)))
  assert.equal(error?.kind, 'input')
  assert.match(error.message, /has 134217729 bytes, and 134217728 are read at most$/)
  await assert.rejects(readFile(join(folder, 'plan.json')))
})

test('a plan that cannot be written names the file', async (context) => {
  const { handover, folder } = await openDesk(context)
  const [error] = await problemsOf(() => handover.savePlan('missing/plan.json', '{}'))
  assert.equal(error?.kind, 'incomplete')
  assert.ok(error.message.startsWith(`The file ${join(folder, 'missing/plan.json')} cannot be written: `))
})

test('reports in files come in the order of their patterns, each once', async (context) => {
  const { handover, folder } = await openDesk(context)
  await mkdir(join(folder, 'reports'))
  for (const name of ['2.json', '1.json']) await writeFile(join(folder, 'reports', name), name)
  await writeFile(join(folder, 'late.json'), 'late')
  assert.deepEqual(await handover.readReports(['reports/*.json', 'late.json', '**/1.json'], same), [
    { name: join('reports', '1.json'), text: '1.json' },
    { name: join('reports', '2.json'), text: '2.json' },
    { name: 'late.json', text: 'late' },
  ])
})

test('all reports that cannot be read are told together', async (context) => {
  const { handover, folder } = await openDesk(context)
  await symlink('/etc/passwd', join(folder, 'link.json'))
  const problems = await problemsOf(() => handover.readReports(['no*.json', 'a.json', 'link.json'], same))
  assert.deepEqual(
    problems.map(({ kind, message, location }) => [kind, location?.file, message]),
    [
      ['input', undefined, `No file matches "no*.json" in ${folder}`],
      ['input', 'a.json', 'The file does not exist'],
      ['input', 'link.json', 'The file is a symbolic link that leads out of the working directory'],
    ],
  )
})

test('a report on a plan in a file goes nowhere by itself', async (context) => {
  const { handover } = await openDesk(context)
  await handover.saveReport('plan.json', '1/1', '{}')
  assert.deepEqual(await handover.listReports('plan.json'), [])
})
