import type { ImageResult, RunResult, TargetResult } from '../../src/report/run-result.ts'

const DIGEST = `sha256:${'0123456789abcdef'.repeat(4)}`

/** The result of a promotion of one image to one target, but for the change. */
export function runResult(change: Partial<RunResult> = {}): RunResult {
  return {
    schema: 'signed-promote/report/v1',
    command: 'promote',
    succeeded: true,
    exitCode: 0,
    startedAt: '2026-01-02T03:04:05.000Z',
    finishedAt: '2026-01-02T03:04:06.000Z',
    policy: { by: 'key', key: 'cosign.pub', requireAnnotations: {} },
    files: { locks: [], report: null, comment: null },
    planned: { manifests: 2, blobs: 3, mounts: 1, bytes: 1234, attachedTags: 1, tags: 1 },
    plan: null,
    changes: false,
    preflight: [],
    parts: [],
    images: [imageResult()],
    locations: [],
    totals: {
      images: 1,
      copied: 1,
      present: 0,
      signed: 0,
      notToSign: 0,
      verified: 1,
      attested: 0,
      mountedBlobs: 0,
      sentBlobs: 3,
      sentManifests: 2,
      bytes: 1234,
      tags: 1,
    },
    warnings: [],
    errors: [],
    ...change,
  }
}

/** One image of it. */
export function imageResult(change: Partial<ImageResult> = {}): ImageResult {
  return {
    written: `dev.example/app@${DIGEST}`,
    source: `dev.example/app@${DIGEST}`,
    digest: DIGEST,
    annotations: {},
    signed: [],
    signatures: [],
    inventory: [{ subject: DIGEST, kind: 'image', digest: DIGEST }],
    targets: [targetResult()],
    ...change,
  }
}

/** What one of its targets has. */
export function targetResult(change: Partial<TargetResult> = {}): TargetResult {
  return {
    target: `prod.example/app@${DIGEST}`,
    repository: 'prod.example/app',
    outcome: 'copied',
    present: { manifests: 0, blobs: 0, bytes: 0 },
    missing: { manifests: 2, blobs: 3, bytes: 1234 },
    sent: { manifests: 2, blobs: 3, bytes: 1234 },
    mounted: 0,
    merged: [],
    tags: [{ tag: 'v1', action: 'create', done: true }],
    inventory: [],
    leftBehind: [],
    signatures: [],
    attested: null,
    ...change,
  }
}
