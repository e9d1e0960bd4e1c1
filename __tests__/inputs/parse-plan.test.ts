import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { InputReader } from '../../src/inputs/input-reader.ts'
import { parseApplying, parseSaving } from '../../src/inputs/parse-plan.ts'
import type { Command } from '../../src/inputs/settings.ts'
import { problemsOf } from '../builders/problems-of.ts'

type Inputs = Readonly<Record<string, string>>

const DIGEST = `sha256:${'0a'.repeat(32)}`

function read<T>(inputs: Inputs, parse: (reader: InputReader) => T): T {
  const reader = new InputReader(new Map(Object.entries(inputs)))
  const read = parse(reader)
  reader.throwIfAny()
  return read
}

const saving = (inputs: Inputs) => read(inputs, parseSaving)

const applying = (inputs: Inputs, command: Command = 'promote') =>
  read(inputs, (reader) => parseApplying(reader, command))

async function refusal(parse: () => unknown): Promise<readonly string[]> {
  return (await problemsOf(parse)).map(({ message }) => message)
}

describe('saving a plan', () => {
  test('is for whoever says where', () => {
    assert.deepEqual(saving({}), { place: undefined, comment: undefined, shards: 1 })
    assert.deepEqual(saving({ 'plan-output': 'plan.json', shards: 'auto', 'comment-output': 'c.md' }), {
      place: 'plan.json',
      comment: 'c.md',
      shards: 'auto',
    })
    const place = 'oci://r.example/team/plans'
    assert.deepEqual(saving({ 'plan-output': place, shards: '256' }).place, place)
  })

  test('refuses numbers of parts that no matrix has, and parts of a plan that is not kept', async () => {
    for (const shards of ['0', '257', '1.5', '-1', 'many', '0x10']) {
      const refused = await refusal(() => saving({ 'plan-output': 'p', shards }))
      assert.deepEqual(refused, [`\`shards\` cannot be "${shards}"`])
    }
    assert.deepEqual(await refusal(() => saving({ shards: '2' })), [
      '`shards` is given, but the plan is not saved',
    ])
  })

  test('refuses places that are no repository', async () => {
    for (const place of ['oci:', 'oci:/r.example/plans', 'oci:r.example/plans']) {
      assert.deepEqual(await refusal(() => saving({ 'plan-output': place })), [
        `\`plan-output\` cannot be "${place}"`,
      ])
    }
    for (const place of ['oci://', 'oci://r.example/plans:v1']) {
      const [refused] = await refusal(() => saving({ 'plan-output': place }))
      assert.ok(refused?.startsWith(`"${place}" is not a usable image reference: `))
    }
  })

  test('is not for archives, which one run writes as a whole', async () => {
    const from = { 'plan-output': 'p', from: 'oci-layout:in.tar', to: 'r.example/a' }
    assert.deepEqual(await refusal(() => saving(from)), [
      '`from` is given, but a saved plan is about registries, and this names an archive',
    ])
    const to = { 'plan-output': 'p', to: 'r.example/a\noci-layout:out' }
    assert.equal((await refusal(() => saving(to))).length, 1)
  })
})

describe('applying a plan', () => {
  test('takes a file or an artifact by digest, and which part of it', () => {
    assert.equal(applying({}), undefined)
    assert.deepEqual(applying({ plan: 'p.json', 'plan-digest': DIGEST, shard: '2/8' }), {
      place: 'p.json',
      digest: DIGEST,
      shard: { index: 2, total: 8 },
      reports: [],
    })
    const plan = `oci://r.example/plans@${DIGEST}`
    assert.equal(applying({ plan }, 'finish')?.place, plan)
    const reports = { plan: 'p.json', reports: 'a.json\nparts/*.json' }
    assert.deepEqual(applying(reports, 'finish')?.reports, ['a.json', 'parts/*.json'])
  })

  test('refuses parts that there cannot be', async () => {
    for (const shard of ['0/2', '3/2', '2', '1/257', 'a/b', '1/2/3', ' 1 / 2']) {
      const refused = await refusal(() => applying({ plan: 'p', shard }))
      assert.deepEqual(refused, [`\`shard\` cannot be "${shard.trim()}"`])
    }
  })

  test('refuses what is not pinned, and a digest that is none', async () => {
    for (const plan of ['oci://r.example/plans', 'oci://r.example/plans:v1']) {
      assert.deepEqual(await refusal(() => applying({ plan })), [
        `The place "${plan}" of a plan has no digest`,
      ])
    }
    assert.deepEqual(await refusal(() => applying({ plan: 'oci:x' })), ['`plan` cannot be "oci:x"'])
    assert.deepEqual(await refusal(() => applying({ plan: 'p', 'plan-digest': 'abc' })), [
      '`plan-digest` cannot be "abc"',
    ])
  })

  test('refuses what the plan has decided, and what belongs to a plan where there is none', async () => {
    const decided = { plan: 'p', lock: 'images.yml', to: 'r.example/a', tags: 'v1', 'existing-tags': 'move' }
    assert.deepEqual(
      await refusal(() => applying(decided)),
      ['lock', 'to', 'tags', 'existing-tags'].map(
        (name) => `\`${name}\` is given, but the \`plan\` has decided that`,
      ),
    )
    assert.deepEqual(await refusal(() => applying({ shard: '1/2' })), ['`shard` is given, but no `plan` is'])
  })

  test('finish needs a plan and reports, which a plan in a registry has with it', async () => {
    const [needs] = await refusal(() => applying({}, 'finish'))
    assert.equal(needs, 'The command finish needs a plan, and `plan` is not given')
    assert.deepEqual(await refusal(() => applying({ plan: 'p' }, 'finish')), [
      'The command finish needs reports, and `reports` names none',
    ])
  })
})
