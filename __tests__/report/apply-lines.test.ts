import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { describe, test } from 'node:test'
import { fromArguments } from '../../src/inputs/from-arguments.ts'
import { inputsToApply } from '../../src/inputs/inputs-to-apply.ts'
import { parseSettings } from '../../src/inputs/parse-settings.ts'
import { digestOf } from '../../src/oci/digest.ts'
import { applyLines } from '../../src/report/apply-lines.ts'

const DIGEST = digestOf('plan')

/** What a run of `plan` was given; the annotations are there to be quoted. */
const GIVEN = new Map([
  ['command', 'plan'],
  ['lock', 'images.yml'],
  ['to', 'prod.example/{name}'],
  ['tags', 'v1'],
  ['plan-output', 'plan.json'],
  ['shards', '2'],
  ['report', 'report.json'],
  ['public-key', "it's a key.pub"],
  ['require-annotations', 'stage=test\n  -x=$(id) ; id  \n'],
  ['read-back', 'full'],
  ['concurrency', '64'],
  ['lock-output', 'out.yml'],
  ['registries', 'prod.example me secret'],
])

/** The words of a command line, as a shell takes them apart. */
function wordsOf(line: string): readonly string[] {
  return execFileSync('sh', ['-c', `printf '%s\\n' ${line}`], { encoding: 'utf8' })
    .split('\n')
    .slice(0, -1)
}

/** What the program makes of such a line. */
function settingsOf(line: string) {
  const [program, ...words] = wordsOf(line)
  assert.equal(program, 'signed-promote')
  const { problems, raw } = fromArguments(words, {})
  assert.deepEqual(problems, [])
  return parseSettings(raw, {})
}

function linesFor(place: string, shards: number): readonly string[] {
  return applyLines({ place, digest: DIGEST, shards }, inputsToApply(GIVEN))
}

describe('the command line that applies a plan', () => {
  test('is one that the program takes, with all that was said about who must have signed', () => {
    const [line = '', ...others] = linesFor('my plan.json', 1)
    assert.deepEqual(others, [])
    const { command, applying, verification, readBack, lockOutput, report } = settingsOf(line)
    assert.deepEqual([command, readBack, lockOutput, report], ['promote', 'full', 'out.yml', undefined])
    assert.deepEqual(applying, { place: 'my plan.json', digest: DIGEST, shard: undefined, reports: [] })
    assert.ok(verification.by === 'key')
    assert.deepEqual(verification.publicKey, { path: "it's a key.pub" })
    assert.deepEqual(verification.requireAnnotations, { stage: 'test', '-x': '$(id) ; id' })
  })

  test('holds no secret, and nothing that was not given', () => {
    const [line = ''] = linesFor('plan.json', 1)
    assert.doesNotMatch(line, /secret|--registries|--concurrency|--to|--tags|--lock /)
  })

  test('is that of the first part, and the one that finishes, which finds the reports of all', () => {
    const [part, finish] = linesFor('plan.json', 2).map(settingsOf)
    assert.deepEqual(part?.applying?.shard, { index: 1, total: 2 })
    assert.deepEqual([part?.report, part?.lockOutput], ['part-1.json', undefined])
    assert.deepEqual([finish?.command, finish?.lockOutput], ['finish', 'out.yml'])
    assert.deepEqual(finish?.applying?.reports, ['part-*.json'])
  })

  test('names no reports where the plan is in a registry: they are found beside it', () => {
    const place = `oci://prod.example/plans@${DIGEST}`
    const [part, finish] = linesFor(place, 2).map(settingsOf)
    assert.deepEqual([part?.report, part?.applying?.place], [undefined, place])
    assert.deepEqual(finish?.applying?.reports, [])
  })
})
