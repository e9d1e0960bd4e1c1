import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { digestOf } from '../../src/oci/digest.ts'
import { mergeParts } from '../../src/report/merge-parts.ts'
import type { RunResult, Totals } from '../../src/report/run-result.ts'
import { reportedRun } from '../builders/reported-run.ts'
import { imageResult, runResult, targetResult } from '../builders/run-result.ts'

const PLAN = { place: 'plan.json', digest: digestOf('plan'), shards: 2 }
const NOTHING = { manifests: 0, blobs: 0, bytes: 0 }
const SOME = { manifests: 1, blobs: 2, bytes: 300 }

/** What finishing finds: all is there, nothing is sent, tags were moved. */
function finished(change: Partial<RunResult> = {}): RunResult {
  const totals = totalsOf({ copied: 0, present: 2, sentBlobs: 0, sentManifests: 0, bytes: 0, tags: 2 })
  return runResult({ command: 'finish', plan: PLAN, totals, ...change })
}

function totalsOf(change: Partial<Totals>): Totals {
  return { ...runResult().totals, ...change }
}

/** One image at a target, as finishing finds it and as the part has left it. */
function imageAt(place: string) {
  const target = `${place}@${imageResult().digest}`
  const tag = { tag: 'v1', action: 'create', done: true } as const
  const inventory = [{ subject: 'it', kind: 'image', digest: place } as const]
  const found = {
    target,
    repository: place,
    present: SOME,
    missing: NOTHING,
    sent: NOTHING,
    tags: [tag],
    inventory,
  }
  const tags = [{ ...tag, done: false }]
  const left = { ...found, present: NOTHING, missing: SOME, sent: SOME, tags, inventory: [] }
  return {
    found: imageResult({ targets: [targetResult({ ...found, outcome: 'present' })] }),
    left: imageResult({
      signed: ['bundle'],
      targets: [targetResult({ ...left, outcome: 'copied', mounted: 3, merged: ['x'], attested: 'made' })],
    }),
  }
}

describe('the report of finishing a plan', () => {
  test('is its own where the plan was not applied in parts', () => {
    const result = finished()
    assert.equal(mergeParts(result, []), result)
  })

  test('says of each target what its part did there, and what tags and the target have become since', () => {
    const [first, second, third] = [
      imageAt('prod.example/a'),
      imageAt('prod.example/b'),
      imageAt('c.example/a'),
    ]
    const parts = [reportedRun({ images: [second.left] }), reportedRun({ images: [first.left] })]
    const images = [first.found, second.found, third.found]
    const merged = mergeParts(finished({ images }), parts).images
    for (const [index, { found, left }] of [first, second].entries()) {
      const [target] = found.targets
      const [before] = left.targets
      assert.deepEqual(merged[index], {
        ...found,
        signed: ['bundle'],
        targets: [{ ...before, tags: target?.tags, inventory: target?.inventory }],
      })
    }
    assert.deepEqual(merged[2], third.found)
  })

  test('counts what the parts did, and by itself what it did', () => {
    const counted = { copied: 1, present: 2, signed: 3, notToSign: 4, attested: 5, mountedBlobs: 6 }
    const sent = { sentBlobs: 7, sentManifests: 8, bytes: 9 }
    const part = reportedRun({
      totals: totalsOf({ ...counted, ...sent, images: 50, verified: 50, tags: 50 }),
    })
    const own = totalsOf({ images: 10, verified: 11, tags: 12 })
    const doubled = Object.entries({ ...counted, ...sent }).map(([name, number]) => [name, 2 * number])
    const { totals } = mergeParts(finished({ totals: own }), [part, part])
    assert.deepEqual(totals, { ...own, ...Object.fromEntries(doubled) })
  })

  test('names the parts, and tells what was worth telling in any of them once', () => {
    const [startedAt, finishedAt] = ['2026-01-02T03:00:00.000Z', '2026-01-02T03:10:00.000Z']
    const first = reportedRun({
      plan: { ...PLAN, shard: '1/2' },
      startedAt,
      finishedAt,
      totals: totalsOf({ images: 7, bytes: 8 }),
      warnings: ['of one part', 'of all'],
    })
    const second = reportedRun({ plan: { ...PLAN, shard: '2/2' }, warnings: ['of all', 'of the other'] })
    const { parts, warnings } = mergeParts(finished({ warnings: ['of all', 'of finishing'] }), [
      first,
      second,
    ])
    assert.deepEqual(parts[0], { shard: '1/2', startedAt, finishedAt, images: 7, bytes: 8 })
    assert.equal(parts[1]?.shard, '2/2')
    assert.deepEqual(warnings, ['of one part', 'of all', 'of the other', 'of finishing'])
  })
})
