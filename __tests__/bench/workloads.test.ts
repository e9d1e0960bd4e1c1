import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { GOALS } from '../../bench/goals.ts'
import { COSIGN_SIGNERS, makeOurs } from '../../bench/tools/ours.ts'
import { PEERS } from '../../bench/tools/peers.ts'
import { makeChains, makeQuickChains, WORKLOADS } from '../../bench/workloads.ts'
import { replaceBetween } from '../../tools/markdown.ts'

const TOOLS = [...makeOurs('cli.js'), ...PEERS, ...COSIGN_SIGNERS]

test('every workload is run, and at least by one tool', () => {
  const run = new Set(makeChains([0, 25]).flatMap(({ workloads }) => workloads))
  assert.deepEqual([...run].sort(), Object.keys(WORKLOADS).sort())
  for (const workload of run) assert.ok(TOOLS.some(({ workloads }) => workloads.includes(workload)))
})

test('every goal is about a workload and a link that even the quick bench has', () => {
  const quick = makeQuickChains([25]).flatMap(({ workloads, links }) =>
    workloads.flatMap((workload) => links.map(({ name }) => `${workload}, ${name}`)),
  )
  for (const { what } of GOALS) {
    assert.ok(what.includes(', every link:') || quick.some((begin) => what.startsWith(`${begin},`)), what)
  }
})

test('tools have names of their own', () => {
  assert.equal(new Set(TOOLS.map(({ name }) => name)).size, TOOLS.length)
})

test('the page has a place for every table', () => {
  const page = readFileSync(new URL('../../docs/performance.md', import.meta.url), 'utf8')
  for (const marker of ['machine', 'goals', 'requests', 'scale', 'workloads']) {
    assert.match(replaceBetween(page, `bench ${marker}`, 'a new table'), /-->\na new table\n<!--/)
  }
})
