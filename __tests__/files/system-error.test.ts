import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { codeOf, isMissing } from '../../src/files/system-error.ts'

/** What the system says of a path that cannot be read. */
async function failureAt(path: string): Promise<unknown> {
  return readFile(path).catch((cause: unknown) => cause)
}

test('a file is missing when it is not there, or what should be its folder is a file', async () => {
  const causes = await Promise.all(
    [join(import.meta.dirname, 'none'), join(import.meta.filename, 'none')].map(failureAt),
  )
  assert.deepEqual(causes.map(codeOf), ['ENOENT', 'ENOTDIR'])
  assert.deepEqual(causes.map(isMissing), [true, true])
})

test('what cannot be read for another reason is there', async () => {
  const cause = await failureAt(import.meta.dirname)
  assert.equal(codeOf(cause), 'EISDIR')
  assert.ok(!isMissing(cause))
})

test('an error of this program has no code', () => {
  assert.deepEqual([new Error('x'), 'ENOENT', undefined].map(codeOf), [undefined, undefined, undefined])
})
