import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { after, before, describe, test } from 'node:test'
import { secretsAndLook } from './calling-job.ts'
import { PASSWORD } from './cosign.ts'
import { linesWithKey } from './lines-with-key.ts'
import type { PassedRequest } from './registry-proxy.ts'
import { filesIn, runWorkflow, type WorkflowRun } from './run-act.ts'
import { IMAGES, movesTag, ShardedRelease } from './sharded-release.ts'
import { missingTools } from './tools.ts'

/** How a release is made, besides that it is in parts. */
interface Way {
  /** Where plan and reports are handed on; when empty, as artifacts of the workflow run. */
  readonly plans: string
  readonly environment: string
}

/** A run of the workflow, with what reached the first target, and how many images had their tag at any target behind it. */
interface Attempt extends WorkflowRun {
  readonly sent: readonly PassedRequest[]
  readonly tagged: number
}

type Changed = (reusable: string) => string

const PARTS = 4
/** The image of which one target takes no manifest at first. */
const REFUSED = 'app-7'
const FORMS = ['bundle', 'tag'] as const
const WAYS = {
  'as artifacts, and an approval': { plans: '', environment: 'production' },
  'in a registry, and no approval': { plans: 'plans/of-releases', environment: '' },
} as const satisfies Readonly<Record<string, Way>>

const workflow = ({ bench, targets }: ShardedRelease, { plans, environment }: Way) => `name: release
on: workflow_dispatch
jobs:
  promote:
    uses: acme/signed-promote/.github/workflows/promote.yml@v1
    with:
      lock: images.yml
      to: |
        ${targets.join('\n        ')}
      tags: v1
      sign: key
      attest-promotion: key
      shards: '${PARTS}'
      environment: '${environment}'
      plan-repository: '${plans && `${bench.source.host}/${plans}`}'${secretsAndLook(
        ['changes', 'verified'],
        'echo "handed-on=$CHANGES, $VERIFIED" >> "$GITHUB_OUTPUT"',
      )}`

/** What a reviewer who rejects the plan makes of the job that waits for him. */
const rejected: Changed = (reusable) => {
  const changed = reusable.replace(/run: echo "The plan .*/, 'run: exit 1')
  assert.notEqual(changed, reusable)
  return changed
}

/** What GitHub runs when failed jobs are run again: the plan keeps its outputs, and of the matrix only the part that failed is left. */
function planned({ failed, outputs }: WorkflowRun): Changed {
  const index = Number(/Copy (\d+) of/.exec(failed.join())?.[1])
  const made = {
    plan: outputs.plan,
    'plan-digest': outputs['plan-digest'],
    shards: JSON.stringify([{ index, total: PARTS }]),
    changes: 'true',
    attempt: '1',
  }
  const job = { 'runs-on': 'ubuntu-latest', outputs: made, steps: [{ run: 'echo The plan was made' }] }
  return (reusable) => {
    const [start, end, ...others] = reusable.split(/\n {2}plan:\n[\s\S]*?(?=\n {2}approve:\n)/)
    assert.ok(start !== undefined && end !== undefined && others.length === 0)
    return `${start}\n  plan: ${JSON.stringify(job)}\n${end}`
  }
}

const skip = missingTools('act', 'cosign', 'registry', 'referrers-registry')

for (const [name, way] of Object.entries(WAYS)) {
  describe(`a release in ${PARTS} parts with plan and reports ${name}`, { skip }, () => describeRelease(way))
}

function describeRelease(way: Way): void {
  let release: ShardedRelease
  let refused: string | undefined = REFUSED
  /** The run in which one part fails, what the first target has then, the same run with what failed run again, and another run. */
  let first: Attempt
  let held: readonly string[]
  let again: Attempt
  let next: Attempt

  async function run(changed: Changed = (reusable) => reusable): Promise<Attempt> {
    const { folder, keys } = release.bench
    const secrets = { KEY: await readFile(keys.key, 'utf8'), KEY_PASSWORD: PASSWORD }
    const ended = await runWorkflow(folder, workflow(release, way), secrets, { changed })
    return {
      ...ended,
      sent: release.proxy.requests.splice(0),
      tagged: (await release.tags()).filter((tag) => tag !== null).length,
    }
  }

  before(async () => {
    release = await ShardedRelease.open(({ method, path }) =>
      method === 'PUT' && path.startsWith(`/v2/prod/${refused}/manifests/`) ? 403 : undefined,
    )
  })

  after(() => release?.[Symbol.asyncDispose]())

  if (way.environment !== '') {
    test('writes nothing that was not approved', async () => {
      const { exitCode, log, sent } = await run(rejected)
      assert.notEqual(exitCode, 0, log)
      assert.match(log, /"jobID":"plan","jobResult":"success"/)
      assert.doesNotMatch(log, /"jobID":"(?:copy|finish)","jobResult"/)
      assert.deepEqual(sent.flatMap(partSent), [])
    })
  }

  test('moves no tag anywhere when one part has failed, and does not finish', async () => {
    first = await run()
    assert.notEqual(first.exitCode, 0, first.log)
    assert.deepEqual([first.failed.length, first.tagged, first.sent.some(movesTag)], [1, 0, false])
    assert.ok(first.summary.includes(REFUSED), first.summary)
    assert.doesNotMatch(first.log, /"jobID":"finish","jobResult"/)
    held = await release.heldAmong(first.sent.flatMap(partSent))
  })

  test('completes when the failed part and what hangs on it are run again', async () => {
    refused = undefined
    again = await run(planned(first))
    assert.equal(again.exitCode, 0, again.log)
    assert.deepEqual([again.tagged, await release.incomplete()], [IMAGES * 2, []])
    assert.equal(again.outputs['handed-on'], `true, ${IMAGES}`)
    const { cosign, keys } = release.bench
    for (const [at, image] of release.images.entries()) {
      const { host, path } = release.placesOf(image)[at % 2] ?? assert.fail()
      for (const form of FORMS) await cosign.verify(form, keys, `${host}/${path}@${image.digest}`)
    }
  })

  test('sends again only what was missing, and the tags behind everything else', () => {
    const sent = again.sent.filter((one) => !movesTag(one)).flatMap(partSent)
    // A list of referrers, which is a tag here, grows by the statement that the failed part did not come to make.
    const isList = (part: string) => /\/sha256-[0-9a-f]{64}$/.test(part)
    assert.ok(held.length > IMAGES && sent.some((part) => part.startsWith(`prod/${REFUSED}/manifests/`)))
    assert.deepEqual(
      sent.filter((part) => held.includes(part) && !isList(part)),
      [],
    )
    const moves = again.sent.filter(({ method }) => method === 'PUT').map(movesTag)
    assert.deepEqual(moves.lastIndexOf(false), moves.length - IMAGES - 1)
  })

  test('copies nothing when there is nothing to do, and says so', async () => {
    next = await run()
    assert.equal(next.exitCode, 0, next.log)
    assert.doesNotMatch(next.log, /"jobID":"(?:approve|copy)","jobResult"/)
    assert.equal(next.outputs['handed-on'], `false, ${IMAGES}`)
    assert.deepEqual(next.sent.flatMap(partSent), [])
  })

  test('keeps lists and report', async () => {
    const kept = ['images-1.yml', 'images-2.yml', 'report.json']
    for (const artifact of ['signed-promote', 'signed-promote-attempt-1']) {
      assert.deepEqual(await filesIn(release.bench.folder, artifact), kept)
    }
  })

  test('never shows the key or its password', async () => {
    for (const one of [first, again, next]) {
      assert.deepEqual(await linesWithKey(one, release.bench.keys), [])
    }
  })
}

/** The blob or manifest that a request sends, by the path at which it is read. */
function partSent({ method, path }: PassedRequest): readonly string[] {
  if (method !== 'PUT') return []
  const [, name, digest] = /^\/v2\/(.+)\/blobs\/uploads\/.*[?&]digest=([^&]+)/.exec(path) ?? []
  return [digest === undefined ? path.slice('/v2/'.length) : `${name}/blobs/${decodeURIComponent(digest)}`]
}
