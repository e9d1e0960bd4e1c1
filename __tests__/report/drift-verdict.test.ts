import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { DriftEntry } from '../../src/check/drift-entry.ts'
import { targetFacts } from '../../src/report/target-facts.ts'
import { verdictLine } from '../../src/report/verdict-line.ts'
import { imageResult, runResult, targetResult } from '../builders/run-result.ts'

const entry: DriftEntry = {
  kind: 'tag-moved',
  image: 'dev.example/app@sha256:1',
  repository: 'prod.example/app',
  target: 'prod.example/app:v1',
  message: 'prod.example/app:v1 leads elsewhere',
  hint: 'Move it back.',
}
const lacking: DriftEntry = {
  ...entry,
  kind: 'attached-missing',
  target: 'prod.example/app@sha256:1',
}
const found = { kind: 'drift', message: entry.message } as const
const { totals } = runResult()
const repair = { command: 'repair', succeeded: false, exitCode: 9, totals, errors: [found] } as const
const failed = { command: 'check', succeeded: false, exitCode: 9, totals: { ...totals, copied: 0 } } as const

for (const [line, result] of [
  ['Drift: 1 tag moved', runResult({ ...failed, drift: [entry], errors: [found] })],
  [
    'Drift: 1 image missing, 2 tags moved, 1 image to repair, and 1 error besides',
    runResult({
      ...failed,
      drift: [
        entry,
        lacking,
        { ...lacking, kind: 'child-missing' },
        entry,
        { ...entry, kind: 'image-missing', image: 'dev.example/other@sha256:2' },
      ],
      errors: [found, found, found, found, found, { kind: 'registry', message: 'no' }],
    }),
  ],
  // Where nothing was seen of any image, that it is missing was found all the same.
  ['Drift: 1 tag moved', runResult({ ...failed, images: [], drift: [entry], errors: [found] })],
  [
    '1 image checked: the targets are as the list and the policy say',
    runResult({ command: 'check', drift: [] }),
  ],
  [
    '1 image whole: 1 mended, 0 needed nothing, 1.2 kB sent',
    runResult({ command: 'repair', totals, fallbackTags: [] }),
  ],
  [
    'Repair: 1 mended, 0 needed nothing, 1.2 kB sent; the rest is left, with 1 error',
    runResult({ ...repair, images: [imageResult({ targets: [targetResult({ mended: [] })] })] }),
  ],
  // What was copied and is not proven is not mended.
  ['Repair failed with 1 error; 1 image had been copied by digest', runResult(repair)],
] as const) {
  test(`the verdict is "${line}"`, () => {
    assert.equal(verdictLine(result), line)
  })
}

test('a target that was mended says what was brought', () => {
  const of = { subject: 'sha256:1', digest: 'sha256:2' }
  const mended = [
    { ...of, kind: 'sig' },
    { ...of, kind: 'referrer' },
  ] as const
  assert.deepEqual(targetFacts(targetResult({ mended, tags: [] })), [
    'mended (1 sig, 1 referrer)',
    '1.2 kB sent',
  ])
})

test('a target that differs says what about its tags does', () => {
  const tags = [
    { tag: 'v1', action: 'create', done: false },
    { tag: 'v2', action: 'move', done: false },
    { tag: 'v3', action: 'keep', done: false },
  ] as const
  const sent = { manifests: 0, blobs: 0, bytes: 0 }
  assert.deepEqual(targetFacts(targetResult({ outcome: 'drifted', sent, tags })), [
    'drifted',
    'v1 is missing',
    'v2 leads elsewhere',
    'v3 points here',
  ])
})
