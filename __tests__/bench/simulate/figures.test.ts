import assert from 'node:assert/strict'
import { test } from 'node:test'
import { playCrowds, readFigures } from '../../../bench/simulate/figures.ts'
import { ROWS } from '../../../bench/simulate/rows.ts'
import { numberedCuts } from '../../../bench/simulate/schedules.ts'

test('a crowd is played as it was when the figures were kept', async () => {
  const figures = readFigures()
  const [row] = ROWS.filter(({ name }) => name === 'ECR, default quotas')
  assert.ok(row)
  const cuts = numberedCuts(figures).filter(({ shards }) => shards === 1)
  const kept = figures.crowds.filter((crowd) => crowd.row === row.name && crowd.shards === 1)
  assert.ok(kept.length > 0)
  assert.deepEqual(await playCrowds(cuts, [row]), kept)
})
