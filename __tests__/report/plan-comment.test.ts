import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { digestOf } from '../../src/oci/digest.ts'
import { formatComment } from '../../src/report/plan-comment.ts'
import type { RunResult } from '../../src/report/run-result.ts'
import { shortDigest } from '../../src/report/short-digest.ts'
import { plannedImage, plannedTarget, planResult } from '../builders/plan-result.ts'
import { checkProperty } from '../security/check-property.ts'

const MARKER = '<!-- signed-promote plan -->'
/** Characters that GitHub takes. */
const LONGEST = 65_536
const BEFORE = shortDigest(digestOf('before'))
const PLAN_DIGEST = planResult().plan?.digest
const refused = {
  succeeded: false,
  exitCode: 7,
  plan: null,
  errors: [{ kind: 'conflict', message: 'v1 is taken', hint: 'Take another.' }],
} as const

function rowsOf(comment: string): readonly string[] {
  return comment.split('\n').filter((line) => line.startsWith('| `') || line.startsWith('|  |'))
}

test('a comment is a line to find it by, the verdict, the plan, what it costs, and how to apply it', () => {
  const { digest } = plannedImage()
  assert.deepEqual(formatComment(planResult()).split('\n'), [
    MARKER,
    '## ✅ 1 image planned: 2 manifests and 3 blobs to send \\(1.2 kB\\), 1 blob to mount, 1 attached artifact to list, 1 tag to create or move; nothing was written',
    '',
    '| Image | Signed by | Target | Present | Mounted | Sent | Requests | Attached | Tags |',
    '| --- | --- | --- | --- | --- | --- | --- | --- | --- |',
    `| \`dev.example/app@${shortDigest(digest)}\` | release \\(policy.yml: dev.example/\\*\\) | \`prod.example/app\` | 1.5 kB | 1 blob, 3.0 kB | 2 manifests, 3 blobs, 2.4 kB | about 14 | 1 sig, 1 att merged, 2 referrer | \`create v1\`<br>\`move latest from ${BEFORE}\`<br>\`refuse old, which is at ${BEFORE}\` |`,
    '',
    'Applying it asks of the registries:',
    '',
    '- `dev.example`: about 12 requests, 5 of them to look again first; 1.2 kB read',
    '- `prod.example`: about 14 requests; 2.4 kB sent',
    '',
    `Saved as \`plan.json\`, \`${PLAN_DIGEST}\`. 2 parts.`,
    '',
    'Apply exactly this, in 2 parts of which the first is shown, and finish it:',
    '',
    '```sh',
    'signed-promote promote --plan plan.json --shard 1/2',
    'signed-promote finish --plan plan.json',
    '```',
    '',
    '',
  ])
})

test('a plan that failed says why, and still what it was about', () => {
  const { cut, apply, ...result } = planResult(refused)
  const totals = { ...result.totals, copied: 0 }
  const lines = formatComment({ ...result, totals }).split('\n')
  assert.deepEqual(lines.slice(0, 4), [
    MARKER,
    '## ❌ Plan failed with 1 error; nothing was written',
    '',
    '- ❌ v1 is taken. **Take another.**',
  ])
  assert.match(lines.join('\n'), /`refuse old, which is at/)
  assert.doesNotMatch(lines.join('\n'), /Saved as|```/)
})

test('a second target of an image is a row without its name', () => {
  const images = [plannedImage({ targets: [plannedTarget(), plannedTarget()] })]
  const [, second] = rowsOf(formatComment(planResult({ images })))
  assert.match(second ?? '', /^\| {2}\| {2}\| `prod\.example\/app` \|/)
})

describe('a comment is never longer than GitHub takes', () => {
  const images = Array.from({ length: 3000 }, () => plannedImage({ rule: '🌈'.repeat(20) }))
  const errors = Array.from({ length: 3000 }, () => ({ kind: 'input' as const, message: '*'.repeat(90) }))
  const host = { host: 'h'.repeat(250), side: 'target', requests: 1, looks: 1, bytes: 1 } as const
  const hosts = Array.from({ length: 3000 }, () => host)

  test('and says how many images are left out', () => {
    const comment = formatComment(planResult({ images }))
    assert.ok(comment.length <= LONGEST)
    assert.ok(comment.length > LONGEST * 0.9, `${comment.length} of ${LONGEST}`)
    const [, left] = /^…and (\d+) more\.$/m.exec(comment) ?? []
    assert.equal(rowsOf(comment).length + Number(left), images.length)
    assert.match(comment, /Apply exactly this/)
  })

  test('whatever there is much of', () => {
    const apply = ['x'.repeat(LONGEST)]
    const comment = formatComment(planResult({ ...refused, errors, images, hosts, apply }))
    assert.ok(comment.length <= LONGEST)
    assert.match(comment, /^- …and \d+ more\.\n\n\|/m)
    assert.ok(rowsOf(comment).length > 10)
  })
})

describe('text from a list, a policy or a registry', () => {
  const calm = rowsOf(formatComment(hostilePlan('x'))).length

  test('stays text: nobody is called, nothing is linked, no markup gets in', (context) => {
    const pieces = [
      ...['@octocat', ' @acme/team ', '#12', 'GH-7', 'acme/app#3', 'a@b.example', '@sha256:', 'a@sha256:'],
      ...[
        'https://evil.example',
        'www.evil.example',
        '[a](b)',
        '![x](y)',
        '&#64;x',
        '&lt;',
        '<b>',
        '<!--',
        '-->',
      ],
      ...['|', '\\', '\\|', '`', '```', '\n\n# x', '\r\n', '- ', '*', '_', '$', '\u202e', '\u2028'],
    ]
    const piece = fc.oneof(fc.constantFrom(...pieces), fc.string({ unit: 'binary-ascii', maxLength: 8 }))
    const text = fc.array(piece, { minLength: 1, maxLength: 6 }).map((texts) => texts.join(''))
    return checkProperty(context, 200, text, (hostile) => {
      const comment = formatComment(hostilePlan(hostile))
      assert.equal(comment.indexOf(MARKER), 0)
      assert.equal(rowsOf(comment).length, calm)
      // The bars that end cells: one more than there are columns.
      for (const row of rowsOf(comment)) assert.equal(row.match(/(?<!\\)(?:\\\\)*\|/g)?.length, 10, row)
      assert.equal(comment.split('\n').filter((line) => line.startsWith('#')).length, 1)
      const outside = comment.slice(MARKER.length).replace(/(?<!\\)`[^`\n]*`/g, '')
      assert.doesNotMatch(outside, /<(?!br>|!-- -->)/)
      assert.doesNotMatch(outside, /(?<!\\)(?:\\\\)*[[\]`]/)
      assert.doesNotMatch(outside, /:\/\/|www\./i)
      // GitHub looks for these in the finished text, in which the escapes are gone.
      const seen = outside.replace(/\\([!-/:-@[-`{-~])/g, '$1')
      assert.doesNotMatch(seen, /(?<!\w)@\w|\w@(?!sha(?:256|512):)\w|(?<!&)#\d|\bGH-\d/i)
    })
  })
})

/** A plan in which every text that others wrote is this one. */
function hostilePlan(text: string): RunResult {
  const [signature] = plannedImage().signatures
  assert.ok(signature)
  const attestation = { ...signature, predicateType: text, signers: [text] }
  const tags = [{ tag: text, action: 'create', done: false }] as const
  const targets = [plannedTarget({ repository: text, tags })]
  const image = plannedImage({
    source: `${text}@sha256:0`,
    rule: text,
    signatures: [attestation],
    targets,
  })
  return planResult({
    images: [image, image],
    errors: [{ kind: 'registry', message: text, hint: text, location: { file: text } }],
    warnings: [text],
    hosts: [{ host: text, side: 'target', requests: 1, looks: 1, bytes: 1 }],
    plan: { place: text, digest: digestOf('plan'), shards: 1 },
    apply: [],
  })
}
