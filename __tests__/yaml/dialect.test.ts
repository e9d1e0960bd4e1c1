import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { YamlDialect } from '../../src/yaml/dialect.ts'
import { parseYaml } from '../../src/yaml/yaml.ts'
import { plainYaml } from '../builders/plain-yaml.ts'
import { placesOf, problemsOf } from '../builders/problems-of.ts'

const DIALECT: YamlDialect = { aliases: true, tags: ['!reset', '!override'] }

function read(text: string): unknown {
  return plainYaml(parseYaml(text, 'compose.yaml', DIALECT))
}

async function refusal(text: string): Promise<readonly string[]> {
  return placesOf(await problemsOf(() => parseYaml(text, 'compose.yaml', DIALECT)))
}

test('puts the value of the last anchor of its name in the place of an alias', () => {
  assert.deepEqual(read('a: &x 1\nb: *x\nc: &x [y, *x]\n'.replace('*x]', 'z]').concat('d: *x\n')), {
    a: 1,
    b: 1,
    c: ['y', 'z'],
    d: ['y', 'z'],
  })
})

test('merges mappings: what is written in one counts first, then what is merged first', () => {
  const text =
    'a: &a {k: a, l: a}\nb: &b {l: b, m: b}\nc:\n  <<: [*a, *b]\n  k: c\nd: {<<: *a}\ne: {"<<": text}\n'
  const { c, d, e } = read(text) as Record<string, unknown>
  assert.deepEqual([c, d, e], [{ k: 'c', l: 'a', m: 'b' }, { k: 'a', l: 'a' }, { '<<': 'text' }])
})

test('knows the tags of its dialect on every kind of value, and no others', async () => {
  const tree = parseYaml(
    'a: !reset null\nb: !override [x]\nc: !reset {}\nd: !override 5\ne: f\n',
    'f',
    DIALECT,
  )
  assert.ok(tree.kind === 'mapping')
  assert.deepEqual(
    [...tree.entries.values()].map(({ value: { kind, tag } }) => [kind, tag]),
    [
      ['scalar', '!reset'],
      ['list', '!override'],
      ['mapping', '!reset'],
      ['scalar', '!override'],
      ['scalar', undefined],
    ],
  )
  assert.deepEqual(await refusal('a: !secret b\n'), ['1:4 A tag (!name) is not allowed'])
})

test('says where scalars stand in the text, quotes, anchors and a byte order mark reckoned in', () => {
  const text = '\ufeffa: &x "b"\nc: {d: !reset \'e\'}\nf: >-\n  g\n  h\ni: *x\n'
  const ranges: string[] = []
  const tree = parseYaml(text, 'f', DIALECT)
  const gather = (node: typeof tree): void => {
    if (node.kind === 'mapping') for (const { value } of node.entries.values()) gather(value)
    if (node.kind === 'scalar' && node.range !== undefined) ranges.push(text.slice(...node.range))
  }
  gather(tree)
  assert.deepEqual(ranges, ['"b"', "'e'", '>-\n  g\n  h\n', '"b"'])
})

test('refuses aliases of nothing and of themselves, and merges of what is no mapping', async () => {
  assert.deepEqual(await refusal('a: *x\nb: &x 1\n'), [
    '1:4 The alias *x names nothing: no anchor &x stands before it',
  ])
  assert.deepEqual(await refusal('a: &x\n  b: [*x]\n'), [
    '2:7 The alias *x stands inside the value that it names',
  ])
  assert.deepEqual(await refusal('a: &x 1\nb:\n  <<: [*x]\n'), ['3:3 Only mappings can be merged by "<<"'])
  assert.deepEqual(await refusal('a: &x {}\nb:\n  <<: *x\n  <<: *x\n'), [
    '4:3 The key "<<" is written twice, first on line 3',
  ])
})

test('does not grow with what aliases would write out', async () => {
  const levels = Array.from(
    { length: 60 },
    (_, level) => `a${level + 1}: &a${level + 1} [*a${level}, *a${level}]`,
  )
  assert.equal(parseYaml(`a0: &a0 [x, x]\n${levels.join('\n')}\n`, 'f', DIALECT).kind, 'mapping')
  const wide = Array.from({ length: 1_000 }, (_, key) => `k${key}: 1`).join(', ')
  const merges = Array.from({ length: 200 }, (_, key) => `m${key}: {<<: *wide}`).join('\n')
  assert.deepEqual(await refusal(`w: &wide {${wide}}\n${merges}\n`), [
    '102:8 The file merges too much by "<<"',
  ])
})
