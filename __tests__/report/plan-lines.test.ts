import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { digestOf } from '../../src/oci/digest.ts'
import { planLines } from '../../src/report/plan-lines.ts'
import { shortDigest } from '../../src/report/short-digest.ts'
import { shortSource } from '../../src/report/short-source.ts'
import { plannedImage, plannedTarget, planResult } from '../builders/plan-result.ts'

const source = shortSource(plannedImage())
const BEFORE = shortDigest(digestOf('before'))
const PLAN_DIGEST = planResult().plan?.digest
const DONE = plannedTarget({
  repository: 'eu.example/mirror/app',
  missing: { manifests: 0, blobs: 0, bytes: 0 },
  coming: {
    manifests: 0,
    blobs: 0,
    bytes: 0,
    mountedBlobs: 0,
    mountedBytes: 0,
    requests: 1,
    attached: [],
  },
  tags: [{ tag: 'v1', action: 'keep', done: false }],
})
const TWO = planResult({ images: [plannedImage({ targets: [plannedTarget(), DONE] })] })

test('a log gets a line for each target, which says what is what', () => {
  assert.deepEqual(planLines(TWO, false), [
    'Signed by: release (policy.yml: dev.example/*)',
    source,
    `  → prod.example/app: present 1.5 kB; mounted 1 blob, 3.0 kB; sent 2 manifests, 3 blobs, 2.4 kB; requests about 14; attached 1 sig, 1 att merged, 2 referrer; tags create v1, move latest from ${BEFORE}, refuse old, which is at ${BEFORE}`,
    '  → eu.example/mirror/app: present all, 1.5 kB; requests about 1; tags keep v1',
    'Applying it asks of the registries:',
    '  dev.example: about 12 requests, 5 of them to look again first; 1.2 kB read',
    '  prod.example: about 14 requests; 2.4 kB sent',
    `Saved as plan.json, ${PLAN_DIGEST}: 2 parts.`,
    'Apply exactly this, in 2 parts of which the first is shown, and finish it:',
    '  signed-promote promote --plan plan.json --shard 1/2',
    '  signed-promote finish --plan plan.json',
  ])
})

test('a terminal gets a table in which all columns stand below each other, and below it what may be long', () => {
  const [signers, head = '', name, ...rows] = planLines(TWO, true).slice(0, 6)
  assert.deepEqual([signers, name], ['Signed by: release (policy.yml: dev.example/*)', source])
  assert.equal(head.split(/ {2,}/).join('|'), 'image → target|present|mounted|sent')
  const starts = [...head.matchAll(/(?<=^| {2})\S/g)].map(({ index }) => index)
  const [first, besides, second] = rows
  const cells = [first, second].map((row) =>
    starts.map((start, at) => row?.slice(start, starts[at + 1]).trim()),
  )
  assert.deepEqual(cells, [
    ['→ prod.example/app', '1.5 kB', '1 blob, 3.0 kB', '2 manifests, 3 blobs, 2.4 kB'],
    ['→ eu.example/mirror/app', 'all, 1.5 kB', '–', '–'],
  ])
  const tags = `create v1, move latest from ${BEFORE}, refuse old, which is at ${BEFORE}`
  assert.equal(besides, `      requests about 14; attached 1 sig, 1 att merged, 2 referrer; tags ${tags}`)
  assert.equal(planLines(TWO, true)[6], '      requests about 1; tags keep v1')
})

test('what is usual fits into a terminal of 100 columns', () => {
  const repository = 'registry.example.com/production/team/app'
  const tags = [{ tag: 'v1.2.3', action: 'create', done: false }] as const
  const image = plannedImage({ targets: [plannedTarget({ repository, tags })] })
  const rows = planLines(planResult({ images: [image] }), true).slice(0, 5)
  assert.match(rows.at(-1) ?? '', /tags create v1\.2\.3$/)
  for (const row of rows) assert.ok(row.length <= 100, row)
})

test('signers are named once for all images that they satisfy, in a log as in a table', () => {
  const other = { rule: 'policy.yml: other/*' }
  const images = [plannedImage(), plannedImage(other), plannedImage()]
  for (const isTable of [true, false]) {
    const lines = planLines(planResult({ images }), isTable)
    const told = lines.filter((line) => line === source || line.startsWith('Signed by'))
    const [first, second] = ['policy.yml: dev.example/*', other.rule].map(
      (rule) => `Signed by: release (${rule})`,
    )
    assert.deepEqual(told, [first, source, source, second, source])
  }
})

describe('who satisfied the policy is told', () => {
  const [signature] = plannedImage().signatures
  assert.ok(signature)
  const attestation = { ...signature, predicateType: 'https://slsa.dev/provenance/v1', signers: ['ci', 'qa'] }
  for (const [what, image, words] of [
    ['each signer once', {}, 'release (policy.yml: dev.example/*)'],
    [
      'with what was attested',
      { signatures: [signature, attestation] },
      'release; ci and qa, attesting https://slsa.dev/provenance/v1 (policy.yml: dev.example/*)',
    ],
    [
      'without signatures that do not count',
      { signatures: [{ ...signature, counts: false }], satisfied: false },
      'not satisfied (policy.yml: dev.example/*)',
    ],
    [
      'or that it will be signed first',
      { signatures: [], satisfied: false, toSign: ['bundle', 'tag'], rule: 'the inputs' },
      'to be signed first (bundle, tag) (the inputs)',
    ],
    ['or that nobody had to', { signatures: [], rule: 'the list' }, 'nobody has to sign (the list)'],
  ] as const) {
    test(what, () => {
      const images = [plannedImage({ ...image, targets: [] })]
      assert.equal(planLines(planResult({ images }), false)[0], `Signed by: ${words}`)
    })
  }

  test('or that nobody was asked, where the plan failed before', () => {
    const { rule, satisfied, ...unjudged } = plannedImage({ signatures: [] })
    assert.equal(planLines(planResult({ images: [unjudged] }), false)[0], 'Signed by: not judged')
  })
})

test('more images and registries than anyone reads are counted', () => {
  const [host] = planResult().hosts ?? []
  assert.ok(host)
  const result = planResult({
    images: Array.from({ length: 60 }, () => plannedImage()),
    hosts: Array.from({ length: 23 }, () => host),
  })
  for (const isTable of [true, false]) {
    const lines = planLines(result, isTable)
    assert.equal(lines.filter((line) => line.startsWith(source)).length, 50)
    assert.deepEqual(
      lines.filter((line) => line.includes('more')),
      ['…and 10 more; the report has all of them.', '…and 3 more; the report has all of them.'],
    )
  }
})

test('text from elsewhere cannot drive the terminal', () => {
  const hostile = 'a\u001b[2J\r\n::error::b'
  const images = [
    plannedImage({
      source: hostile,
      rule: hostile,
      targets: [
        plannedTarget({ repository: hostile, tags: [{ tag: hostile, action: 'create', done: false }] }),
      ],
    }),
  ]
  for (const isTable of [true, false]) {
    const text = planLines(planResult({ images, apply: [hostile] }), isTable).join('\n')
    assert.ok(!text.includes('\u001b') && !text.includes('\r'))
    assert.doesNotMatch(text, /^\s*::/m)
  }
})
