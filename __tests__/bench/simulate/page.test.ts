import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { readFigures } from '../../../bench/simulate/figures.ts'
import { readMeasuredLinks } from '../../../bench/simulate/measured-links.ts'
import { formatPage, PAGE } from '../../../bench/simulate/page.ts'

test('docs/scale.md is what the simulation says (node bench/simulate/simulate.ts --write)', async () => {
  assert.equal(await readFile(PAGE, 'utf8'), formatPage(readFigures(), readMeasuredLinks()))
})
