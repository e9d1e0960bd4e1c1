import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { digestOf } from '../../src/oci/digest.ts'
import type { RunResult } from '../../src/report/run-result.ts'
import { formatSummary } from '../../src/report/summary.ts'
import { planResult } from '../builders/plan-result.ts'
import { imageResult, runResult, targetResult } from '../builders/run-result.ts'

const ONE_MEBIBYTE = 1024 * 1024
const HOSTILE = '`|</td><script>x</script>\r\n## [a](b) ::error::'

function rowsOf(summary: string): readonly string[] {
  return summary.split('\n').filter((line) => line.startsWith('| `'))
}

function failed(change: Partial<RunResult>): RunResult {
  return runResult({ succeeded: false, exitCode: 4, ...change })
}

test('the verdict comes first', () => {
  assert.match(formatSummary(runResult()), /^## ✅ 1 image promoted: 1 copied/)
  const errors = [{ kind: 'registry', message: 'no' }] as const
  assert.match(formatSummary(failed({ errors, images: [] })), /^## ❌ Nothing was done: 1 error\n/)
})

test('problems follow, each with what to do, and then what is only a warning', () => {
  const errors = [
    { kind: 'registry', message: 'first', hint: 'Do this.' },
    { kind: 'input', message: 'second' },
  ] as const
  const [, , ...lines] = formatSummary(failed({ errors, warnings: ['third'] })).split('\n')
  assert.deepEqual(lines.slice(0, 3), ['- ❌ first. **Do this.**', '- ❌ second', '- ⚠️ third'])
})

test('a row says what belongs to the image, who signed it, and what became of it at each target', () => {
  const { digest } = imageResult()
  const signatures = [
    { form: 'tag', manifest: digest, counts: true, reason: 'signed by the key K', annotations: {} },
    { form: 'bundle', manifest: digest, counts: true, reason: 'signed by the key K', annotations: {} },
    { form: 'bundle', manifest: digest, counts: false, reason: 'by a stranger', annotations: {} },
    {
      form: 'bundle',
      manifest: digest,
      counts: true,
      reason: 'signed by CI',
      predicateType: 'https://slsa.dev/provenance/v1',
    },
  ] as unknown as ReturnType<typeof imageResult>['signatures']
  const kinds = ['image', 'child', 'child', 'sig', 'referrer'] as const
  const targets = [
    targetResult({ merged: ['sha256-0.sig'], mounted: 2 }),
    targetResult({
      repository: 'eu.example/app',
      outcome: 'present',
      sent: { manifests: 0, blobs: 0, bytes: 0 },
    }),
  ]
  const image = imageResult({
    signatures,
    signed: ['bundle'],
    inventory: kinds.map((kind) => ({ subject: digest, kind, digest })),
    targets,
  })
  assert.deepEqual(rowsOf(formatSummary(runResult({ images: [image] }))), [
    '| `dev.example/app` | `sha256:0123456789ab…` | .sig: signed by the key K<br>bundle: signed by the key K<br>attestation https&#58;//slsa.dev/provenance/v1: signed by CI<br>signed now (bundle) | ' +
      '2 child, 1 sig, 1 referrer | `prod.example/app` copied, 1.2 kB sent, 2 blobs mounted, 1 tag merged, tagged v1<br>`eu.example/app` present, tagged v1 |',
  ])
})

test('the summary of a plan has its table, what it costs, and how to apply it', () => {
  const summary = formatSummary(planResult())
  assert.match(summary, /^## ✅ 1 image planned/)
  assert.match(summary, /^\| Image \| Signed by \| Target \| Present \| Mounted \|/m)
  assert.match(
    rowsOf(summary)[0] ?? '',
    /\| release \\\(policy\.yml: dev\.example\/\\\*\\\) \|.*`create v1`<br>`move latest/,
  )
  assert.match(summary, /^- `dev\.example`: about 12 requests/m)
  assert.match(summary, /^Saved as `plan\.json`, `sha256:\w{64}`\. 2 parts\.$/m)
  assert.match(
    summary,
    /^```sh\nsigned-promote promote --plan plan\.json --shard 1\/2\nsigned-promote finish /m,
  )
})

describe('the summary of a run that carries a plan out', () => {
  const plan = { place: 'plan.json', digest: digestOf('plan'), shards: 2 }

  test('names it, and for one part which one it is', () => {
    const named = (shard?: string) =>
      formatSummary(runResult({ plan: { ...plan, ...(shard && { shard }) } })).split('\n')[2]
    assert.equal(named(), `The plan \`plan.json\`, \`${plan.digest}\`.`)
    assert.equal(named('1/2'), `Part 1/2 of the plan \`plan.json\`, \`${plan.digest}\`.`)
  })

  test('says what each part brought and how long it took, where it finishes it', () => {
    const part = { startedAt: '2026-01-02T03:04:05.000Z', images: 3, bytes: 1234 }
    const parts = [
      { ...part, shard: '1/2', finishedAt: '2026-01-02T03:04:17.400Z' },
      { ...part, shard: '2/2', finishedAt: '2026-01-02T04:06:06.000Z' },
    ]
    const lines = formatSummary(runResult({ command: 'finish', plan, parts })).split('\n')
    const at = lines.indexOf('| Part | Images | Sent | Time |')
    assert.deepEqual(lines.slice(at + 1, at + 4), [
      '| --- | --- | --- | --- |',
      '| 1/2 | 3 | 1.2 kB | 12 s |',
      '| 2/2 | 3 | 1.2 kB | 62 min 1 s |',
    ])
  })

  test('says how to check what was promoted, and to clusters only when all of it was', () => {
    const { digest } = imageResult()
    const signature = { form: 'tag', manifest: digest, counts: true, reason: 'x', annotations: {} }
    const signatures = [signature] as unknown as ReturnType<typeof targetResult>['signatures']
    const policy = { by: 'key', key: 'cosign.pub', publicKey: 'PEM', requireAnnotations: {} } as const
    const images = [imageResult({ targets: [targetResult({ signatures })] })]
    const finished = formatSummary(runResult({ command: 'finish', policy, images, plan }))
    const part = formatSummary(runResult({ policy, images, plan: { ...plan, shard: '1/2' } }))
    for (const summary of [finished, part]) assert.match(summary, /cosign verify/)
    assert.match(finished, /Policy for Kyverno/)
    assert.doesNotMatch(part, /Policy for/)
  })
})

describe('hostile text', () => {
  test('from a registry stays text, in problems and in the table', () => {
    const { digest } = imageResult()
    const reason = { form: 'tag', manifest: digest, counts: true, reason: HOSTILE, annotations: {} }
    const summary = formatSummary(
      failed({
        errors: [{ kind: 'registry', message: HOSTILE, hint: HOSTILE }],
        warnings: [HOSTILE],
        images: [
          imageResult({
            source: `dev.example/${HOSTILE}@${digest}`,
            signatures: [reason] as unknown as ReturnType<typeof imageResult>['signatures'],
            targets: [
              targetResult({ repository: HOSTILE, tags: [{ tag: HOSTILE, action: 'create', done: true }] }),
            ],
          }),
        ],
      }),
    )
    assert.equal(rowsOf(summary).length, 1)
    const outsideCode = summary.replace(/(?<!\\)`[^`\n]*`/g, '')
    assert.doesNotMatch(outsideCode, /<(?!br>)/)
    assert.doesNotMatch(outsideCode, /(?<!\\)[[\]]/)
    assert.equal(summary.split('\n').filter((line) => line.startsWith('##')).length, 1)
    // The bars that end cells: one more than there are columns.
    assert.equal(rowsOf(summary)[0]?.match(/(?<!\\)\|/g)?.length, 6)
  })

  test('cannot leave the command that consumers copy', () => {
    const policy = {
      by: 'key',
      key: "my 'key'.pub; rm -rf /",
      requireAnnotations: { stage: 'prod', note: '$(id) `id`\n```' },
    } as const
    const image = imageResult({ targets: [targetResult({ target: 'prod.example/app@x && y' })] })
    const summary = formatSummary(runResult({ policy, images: [image] }))
    const [, command] = /```sh\n([^\n]*)\n```\n/.exec(summary) ?? []
    assert.equal(
      command,
      String.raw`cosign verify --key 'my '\''key'\''.pub; rm -rf /' --insecure-ignore-tlog=true -a stage=prod -a 'note=$(id)  id     ' 'prod.example/app@x && y'`,
    )
  })
})

describe('the command with which consumers check', () => {
  const command = /cosign verify --key (\S+) --insecure-ignore-tlog=true prod\.example\/app@sha256:\w{64}\n/

  test('names the key of the policy and the image at the target by its digest', () => {
    assert.equal(command.exec(formatSummary(runResult()))?.[1], 'cosign.pub')
  })

  test('names cosign’s usual public key where the run was its own signer', () => {
    const policy = { by: 'key', requireAnnotations: {} } as const
    assert.equal(command.exec(formatSummary(runResult({ policy })))?.[1], 'cosign.pub')
  })

  for (const [what, result] of [
    ['nobody had to sign', runResult({ policy: { by: 'nobody', requireAnnotations: {} } })],
    ['the run failed', failed({})],
    ['nothing was promoted yet', runResult({ command: 'plan', exitCode: 2 })],
    ['there is no target', runResult({ command: 'verify', images: [imageResult({ targets: [] })] })],
  ] as const) {
    test(`is not shown when ${what}`, () => assert.doesNotMatch(formatSummary(result), /cosign verify/))
  }
})

describe('a summary stays under 1 MiB, beyond which the runner drops it whole', () => {
  test('by leaving out rows, and says how many', () => {
    const images = Array.from({ length: 5000 }, () =>
      imageResult({
        targets: [targetResult({ merged: ['x'], repository: `prod.example/${'é'.repeat(200)}` })],
      }),
    )
    const summary = formatSummary(runResult({ images }))
    assert.ok(Buffer.byteLength(summary) < ONE_MEBIBYTE)
    const [, left] = /^…and (\d+) more\.$/m.exec(summary) ?? []
    assert.equal(rowsOf(summary).length + Number(left), images.length)
    assert.match(summary, /cosign verify/)
  })

  test('by leaving out problems, and says how many', () => {
    const errors = Array.from({ length: 5000 }, () => ({
      kind: 'registry' as const,
      message: 'é'.repeat(500),
    }))
    const summary = formatSummary(failed({ errors }))
    assert.ok(Buffer.byteLength(summary) < ONE_MEBIBYTE)
    const shown = summary.split('\n').filter((line) => line.startsWith('- ❌')).length
    assert.match(summary, new RegExp(`^- …and ${errors.length - shown} more\\.$`, 'm'))
    assert.equal(rowsOf(summary).length, 1)
  })
})
