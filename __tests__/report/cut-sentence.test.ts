import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cutSentence } from '../../src/report/cut-sentence.ts'

for (const [sentence, cut, parts] of [
  ['1 part, 1.2 kB read at the source.', { read: 1200, leastRead: 1200, longest: 9, mean: 9 }, 1],
  [
    '4 parts, 1.2 kB read at the source in all, 1.20 times the least possible; the longest takes 1.25 times the mean.',
    { read: 1200, leastRead: 1000, longest: 1500, mean: 1200 },
    4,
  ],
  [
    '2 parts, 1.0 kB read at the source in all, no layer twice; the longest takes 1.00 times the mean.',
    { read: 1000, leastRead: 1000, longest: 1200, mean: 1200 },
    2,
  ],
  [
    '2 parts, 0 B read at the source in all, no layer twice; the longest takes 1.00 times the mean.',
    { read: 0, leastRead: 0, longest: 0, mean: 0 },
    2,
  ],
] as const) {
  test(sentence, () => assert.equal(cutSentence(cut, parts), sentence))
}
