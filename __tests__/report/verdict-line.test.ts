import assert from 'node:assert/strict'
import { test } from 'node:test'
import { verdictLine } from '../../src/report/verdict-line.ts'
import { imageResult, runResult, targetResult } from '../builders/run-result.ts'

const failed = { succeeded: false, exitCode: 4, errors: [{ kind: 'registry', message: 'no' }] } as const
const { totals } = runResult()
const nothing = { ...totals, copied: 0 }

for (const [line, result] of [
  ['1 image promoted: 1 copied, 0 in place already, 1.2 kB sent, 1 tag moved', runResult()],
  ['Nothing to do: 1 image in place', runResult({ command: 'plan' })],
  [
    '1 image planned: 2 manifests and 3 blobs to send (1.2 kB), 1 blob to mount, 1 attached artifact to list, 1 tag to create or move; nothing was written',
    runResult({ command: 'plan', exitCode: 2 }),
  ],
  ['1 image verified', runResult({ command: 'verify' })],
  ['1 image signed already', runResult({ command: 'sign' })],
  [
    '1 of 1 image signed, 2 not to be signed',
    runResult({ command: 'sign', totals: { ...totals, images: 3, signed: 1, notToSign: 2 } }),
  ],
  ['2 of 3 images signed', runResult({ command: 'sign', totals: { ...totals, images: 3, signed: 2 } })],
  [
    '1 image promoted unverified: 1 copied, 0 in place already, 1.2 kB sent, 1 tag moved',
    runResult({ policy: { by: 'nobody', requireAnnotations: {} } }),
  ],
  [
    'Verify failed with 1 error; nothing was written',
    runResult({ ...failed, command: 'verify', totals: nothing, images: [imageResult({ targets: [] })] }),
  ],
  [
    'Sign failed with 1 error; 2 images had been signed',
    runResult({ ...failed, command: 'sign', totals: { ...nothing, signed: 2 } }),
  ],
  [
    'Sign failed with 1 error; nothing was written',
    runResult({ ...failed, command: 'sign', totals: nothing, images: [imageResult({ targets: [] })] }),
  ],
  [
    'Promote failed with 1 error; nothing was written',
    runResult({
      ...failed,
      totals: nothing,
      images: [imageResult({ targets: [targetResult({ outcome: 'planned' })] })],
    }),
  ],
  ['Nothing was done: 1 error', runResult({ ...failed, command: 'sign', totals: nothing, images: [] })],
  [
    'Promote failed with 1 error; 1 image had been signed; 3 images had been copied by digest; no tag was moved',
    runResult({
      ...failed,
      totals: { ...nothing, signed: 1, copied: 3 },
      images: [imageResult({ targets: [] })],
    }),
  ],
] as const) {
  test(line, () => assert.equal(verdictLine(result), line))
}

test('a failure says whether tags were moved, and does not count those that stayed where they were', () => {
  const keep = { tag: 'latest', action: 'keep', done: true } as const
  const images = (done: boolean) => [
    imageResult({ targets: [targetResult({ tags: [keep, { tag: 'v1', action: 'create', done }] })] }),
  ]
  assert.match(verdictLine(runResult({ ...failed, images: images(false) })), /; no tag was moved$/)
  assert.match(verdictLine(runResult({ ...failed, images: images(true) })), /; 1 tag had been moved$/)
})
