import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { parseDigest } from '../../src/oci/digest.ts'
import { imgpkgTag } from '../../src/oci/imgpkg-tag.ts'
import { formatReference } from '../../src/oci/reference.ts'
import type { PromotedTag } from '../../src/plan/promoted-tag.ts'
import { promotedTags } from '../../src/report/promoted-tags.ts'
import type { RunResult } from '../../src/report/run-result.ts'
import { problemsOf } from '../builders/problems-of.ts'
import { reportedRun } from '../builders/reported-run.ts'
import { imageResult, targetResult } from '../builders/run-result.ts'

const DIGEST = parseDigest(`sha256:${'ab'.repeat(32)}`)
const OLDER = parseDigest(`sha256:${'cd'.repeat(32)}`)

function tagsOf(change: Partial<RunResult>): readonly PromotedTag[] {
  return promotedTags(reportedRun(change), 'report.json')
}

/** An image that was promoted to `prod.example/app` with these tags. */
function promoted(tags: readonly object[], digest: string = DIGEST, repository = 'prod.example/app') {
  return { ...imageResult({ digest }), targets: [{ ...targetResult({ repository }), tags }] } as ReturnType<
    typeof imageResult
  >
}

async function refusal(change: Partial<RunResult>): Promise<string> {
  const [problem, ...others] = await problemsOf(() => tagsOf(change))
  assert.deepEqual(others, [])
  assert.equal(problem?.kind, 'input')
  assert.deepEqual(problem.location, { file: 'report.json' })
  assert.ok(problem.hint)
  return problem.message
}

describe('the tags that a promotion left', () => {
  test('are those that it made or moved, in registries', () => {
    const images = [
      promoted([
        { tag: 'v1', action: 'create', done: true },
        { tag: 'latest', action: 'move', previous: OLDER, done: true },
        { tag: 'kept', action: 'keep', done: true },
        { tag: 'refused', action: 'refuse', done: true },
        { tag: imgpkgTag(DIGEST), action: 'create', done: true },
        { tag: 'failed', action: 'create', done: false },
      ]),
      promoted([{ tag: 'v1', action: 'create', done: true }], DIGEST, 'oci-layout:folder/prod.example/app'),
    ]
    for (const command of ['promote', 'finish'] as const) {
      const tags = tagsOf({ command, images })
      assert.deepEqual(
        tags.map((tag) => [formatReference(tag), tag.promoted, tag.previous]),
        [
          ['prod.example/app:v1', DIGEST, undefined],
          ['prod.example/app:latest', DIGEST, OLDER],
          [`prod.example/app:sha256-${'ab'.repeat(32)}.imgpkg`, DIGEST, undefined],
        ],
      )
    }
  })

  test('are told of a promotion that failed as well', () => {
    const images = [promoted([{ tag: 'v1', action: 'create', done: true }])]
    assert.equal(tagsOf({ succeeded: false, exitCode: 8, images }).length, 1)
  })

  test('are told once for an image that is listed twice', () => {
    const image = promoted([{ tag: 'v1', action: 'create', done: true }])
    assert.equal(tagsOf({ images: [image, image] }).length, 1)
  })
})

describe('a report is refused', () => {
  for (const command of ['plan', 'sign', 'verify', 'check', 'repair', 'rollback'] as const) {
    test(`of ${command}`, async () => {
      assert.equal(
        await refusal({ command }),
        `The file is the report of \`${command}\`, which moves no tags`,
      )
    })
  }

  test('of a part of a plan', async () => {
    const plan = { place: 'plan.json', digest: DIGEST, shard: '2/8', shards: 8 } as RunResult['plan']
    assert.match(await refusal({ plan }), /is the report of part 2\/8 of a plan, which moves no tags/)
  })

  test('that does not say where a tag pointed before', async () => {
    const images = [promoted([{ tag: 'v1', action: 'move', done: true }])]
    assert.match(await refusal({ images }), /does not say where prod\.example\/app:v1 pointed before/)
  })

  for (const [what, digest, change] of [
    ['where a promotion put', OLDER, { action: 'create' }],
    ['where before a promotion was', DIGEST, { action: 'move', previous: OLDER }],
  ] as const) {
    test(`that says two things of ${what} one tag`, async () => {
      const [tag, other] = [{ action: 'create' }, change].map((one) => ({ tag: 'v1', done: true, ...one }))
      assert.match(
        await refusal({ images: [promoted([tag ?? {}]), promoted([other ?? {}], digest)] }),
        /says of prod\.example\/app:v1 two things that cannot both be/,
      )
    })
  }

  for (const name of ['', '.sig', '.att', '.sbom', '.image-locations.imgpkg']) {
    test(`that names a tag such as sha256-…${name}, by which something hangs on a digest`, async () => {
      const images = [promoted([{ tag: `sha256-${'ab'.repeat(32)}${name}`, action: 'create', done: true }])]
      assert.match(
        await refusal({ images }),
        /says that prod\.example\/app:sha256-\S+ was promoted, which is/,
      )
    })
  }

  test('that names a target which cannot be one', async () => {
    const images = [promoted([], DIGEST, 'https://user:secret@prod.example/app')]
    const message = await refusal({ images })
    assert.match(message, /names a target that cannot be one/)
    assert.doesNotMatch(message, /secret/)
  })
})
