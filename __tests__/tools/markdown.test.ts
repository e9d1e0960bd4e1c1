import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatTable, replaceBetween } from '../../tools/markdown.ts'

test('a bar in a cell does not end it', () => {
  assert.equal(formatTable(['a', 'b'], [['1|2', '3']]), '| a | b |\n| --- | --- |\n| 1\\|2 | 3 |')
})

test('replaces what stands between two markers, and nothing else', () => {
  const page = 'before\n<!-- one -->\nold\n<!-- /one -->\n<!-- two -->\nkept\n<!-- /two -->\n'
  assert.equal(replaceBetween(page, 'one', 'new'), page.replace('old', 'new'))
})

test('a page without the markers is not touched', () => {
  assert.throws(() => replaceBetween('<!-- /one --> <!-- one -->', 'one', 'new'), /lacks <!-- one -->/)
})
