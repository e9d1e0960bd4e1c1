import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { test } from 'node:test'
import { PLAN_FILE } from '../../src/saved-plan/saved-plan.ts'

const PAGE = resolve(import.meta.dirname, '../../docs/plan.md')
/** What lists say of who signs; docs of lists tell it. */
const ELSEWHERE = ['terms', 'location']

/** The names of all fields below a schema. */
function namesIn(schema: unknown): readonly string[] {
  if (typeof schema !== 'object' || schema === null) return []
  const { entries, item, options, wrapped } = schema as Readonly<Record<string, unknown>>
  const inner = [item, wrapped, ...(Array.isArray(options) ? options : [])].flatMap(namesIn)
  const own = Object.entries(entries ?? {}).flatMap(([name, field]) =>
    ELSEWHERE.includes(name) ? [name] : [name, ...namesIn(field)],
  )
  return [...own, ...inner]
}

test('the page about plans names every field of the file', async () => {
  const page = await readFile(PAGE, 'utf8')
  const rows = page.split('\n').filter((line) => line.startsWith('| `'))
  const named = new Set([...rows.join('\n').matchAll(/[A-Za-z]+/g)].map(([name]) => name))
  const names = namesIn(PLAN_FILE)
  assert.ok(names.length > 50, String(names.length))
  assert.deepEqual(
    names.filter((name) => !named.has(name)),
    [],
  )
})
