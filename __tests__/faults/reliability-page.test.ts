import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { updateFaults } from '../../tools/fault-table.ts'

const PAGE = readFileSync(new URL('../../docs/reliability.md', import.meta.url), 'utf8')

test('docs/reliability.md has every fault with what is done about it', () => {
  const measured = /, \d+ s, \d+ requests/g
  assert.equal(
    PAGE.replace(measured, ''),
    updateFaults(PAGE, () => ''),
  )
  const runs = updateFaults(PAGE, () => ', 1 s, 1 requests').match(measured)?.length
  assert.equal(PAGE.match(measured)?.length, runs, 'node tools/fault-table.ts fills in the figures')
})
