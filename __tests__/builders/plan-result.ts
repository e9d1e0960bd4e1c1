import { digestOf } from '../../src/oci/digest.ts'
import type { ImageResult, RunResult, TargetResult } from '../../src/report/run-result.ts'
import { imageResult, runResult, targetResult } from './run-result.ts'

const PLAN_DIGEST = digestOf('plan')
const BEFORE = digestOf('before')

/** The result of a plan in two parts that was saved, but for the change. */
export function planResult(change: Partial<RunResult> = {}): RunResult {
  const command = 'signed-promote promote --plan plan.json'
  return runResult({
    command: 'plan',
    exitCode: 2,
    changes: true,
    images: [plannedImage()],
    plan: { place: 'plan.json', digest: PLAN_DIGEST, shards: 2 },
    hosts: [
      { host: 'dev.example', side: 'source', requests: 7, looks: 5, bytes: 1200 },
      { host: 'prod.example', side: 'target', requests: 14, looks: 0, bytes: 2400 },
    ],
    cut: { read: 1200, leastRead: 1000, longest: 1500, mean: 1200, sentence: '2 parts.' },
    apply: [`${command} --shard 1/2`, 'signed-promote finish --plan plan.json'],
    ...change,
  })
}

/** One image of it, signed as its rule demands. */
export function plannedImage(change: Partial<ImageResult> = {}): ImageResult {
  const { digest } = imageResult()
  const signature = {
    form: 'tag',
    manifest: BEFORE,
    counts: true,
    reason: 'signed by release',
    annotations: {},
    predicateType: undefined,
    signers: ['release'],
  } as const
  return imageResult({
    source: `dev.example/app@${digest}`,
    signatures: [signature, { ...signature, form: 'bundle' }],
    rule: 'policy.yml: dev.example/*',
    satisfied: true,
    targets: [plannedTarget()],
    ...change,
  })
}

/** What it does at one target. */
export function plannedTarget(change: Partial<TargetResult> = {}): TargetResult {
  return targetResult({
    outcome: 'planned',
    present: { manifests: 1, blobs: 1, bytes: 1500 },
    coming: {
      manifests: 2,
      blobs: 3,
      bytes: 2400,
      mountedBlobs: 1,
      mountedBytes: 3000,
      requests: 14,
      attached: [
        { kind: 'sig', digest: BEFORE, action: 'create' },
        { kind: 'att', digest: BEFORE, action: 'merge' },
        { kind: 'referrer', digest: BEFORE, action: 'list' },
        { kind: 'referrer', digest: PLAN_DIGEST, action: 'list' },
      ],
    },
    sent: { manifests: 0, blobs: 0, bytes: 0 },
    tags: [
      { tag: 'v1', action: 'create', done: false },
      { tag: 'latest', action: 'move', previous: BEFORE, done: false },
      { tag: 'old', action: 'refuse', previous: BEFORE, done: false },
    ],
    ...change,
  })
}
