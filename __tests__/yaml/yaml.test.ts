import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatYaml, parseYaml, YAML_LIMIT } from '../../src/yaml/yaml.ts'
import { buildLock } from '../builders/build-lock.ts'
import { plainYaml } from '../builders/plain-yaml.ts'
import { placesOf, problemsOf } from '../builders/problems-of.ts'
import { randomFrom } from '../builders/random-from.ts'

const FUZZ_ROUNDS = 300

async function refusal(text: string): Promise<readonly string[]> {
  const problems = await problemsOf(() => parseYaml(text, 'images.yml'))
  for (const { kind, hint, location } of problems) {
    assert.equal(kind, 'input')
    assert.ok(hint)
    assert.equal(location?.file, 'images.yml')
  }
  return placesOf(problems)
}

test('reads the core schema of YAML 1.2', () => {
  const text =
    'a: text\nb: [1, 0x1F, 1.5]\nc: {d: true, e: ~}\nf: yes\ng: |\n  two\n  lines\n1: number as key\n'
  assert.deepEqual(plainYaml(parseYaml(text, 'images.yml')), {
    a: 'text',
    b: [1, 31, 1.5],
    c: { d: true, e: null },
    f: 'yes',
    g: 'two\nlines\n',
    1: 'number as key',
  })
})

test('knows the line and column of every key and value', () => {
  const tree = parseYaml('---\na:\n  - x\n  - b: y\n', 'images.yml')
  assert.ok(tree.kind === 'mapping')
  const entry = tree.entries.get('a')
  assert.deepEqual(entry?.location, { file: 'images.yml', line: 2, column: 1 })
  assert.ok(entry.value.kind === 'list')
  const [first, second] = entry.value.items
  assert.deepEqual(first?.location, { file: 'images.yml', line: 3, column: 5 })
  assert.ok(second?.kind === 'mapping')
  assert.deepEqual(second.entries.get('b')?.value.location, { file: 'images.yml', line: 4, column: 8 })
})

test('takes a byte order mark and Windows line ends as nothing', () => {
  const tree = parseYaml('\ufeffa: |\r\n  x\r\nb: y\r\n', 'images.yml')
  assert.deepEqual(plainYaml(tree), { a: 'x\n', b: 'y' })
  assert.ok(tree.kind === 'mapping')
  assert.deepEqual(tree.entries.get('a')?.location, { file: 'images.yml', line: 1, column: 1 })
  assert.equal(tree.entries.get('b')?.location.line, 3)
})

test('reads a file without a value as nothing', () => {
  for (const text of ['', '# only a comment\n', '---\n']) {
    assert.equal(plainYaml(parseYaml(text, 'images.yml')), null)
  }
})

test('keeps keys that mean something to JavaScript', () => {
  const tree = parseYaml('__proto__: 1\nconstructor: 2\n', 'images.yml')
  assert.ok(tree.kind === 'mapping')
  assert.deepEqual([...tree.entries.keys()], ['__proto__', 'constructor'])
})

test('refuses anchors and aliases, all of them together', async () => {
  assert.deepEqual(await refusal('a: &x 1\nb: *x\n'), [
    '1:4 An anchor (&name) is not allowed',
    '2:4 An alias (*name) is not allowed',
  ])
})

test('does not take an ampersand or an asterisk inside text for an anchor or an alias', () => {
  assert.deepEqual(plainYaml(parseYaml('a: x&y *z\nb: "&x"\nc: |\n  *x\n', 'f')), {
    a: 'x&y *z',
    b: '&x',
    c: '*x\n',
  })
})

test('refuses tags, also those of the core schema', async () => {
  assert.deepEqual(await refusal('a: !!str 1\nb: !custom x\n'), [
    '1:4 A tag (!name) is not allowed',
    '2:4 A tag (!name) is not allowed',
  ])
})

test('refuses directives', async () => {
  assert.deepEqual(await refusal('%YAML 1.1\n---\na: 1\n'), ['1:1 A directive (%) is not allowed'])
})

test('refuses a second document, after dashes or dots', async () => {
  assert.deepEqual(await refusal('---\na: 1\n---\nb: 2\n'), ['3:1 The file holds a second YAML document'])
  assert.deepEqual(await refusal('a: 1\n...\nb: 2\n'), ['3:1 The file holds a second YAML document'])
})

test('refuses a duplicate key in block and flow style, and says where it was first', async () => {
  assert.deepEqual(await refusal('a: 1\nb: 2\na: 3\n'), ['3:1 The key "a" is written twice, first on line 1'])
  assert.deepEqual(await refusal('{a: 1, "a": 2}'), ['1:8 The key "a" is written twice, first on line 1'])
  assert.deepEqual(await refusal('<<: {a: 1}\n<<: {b: 1}\n'), [
    '2:1 The key "<<" is written twice, first on line 1',
  ])
})

test('refuses keys that are not text', async () => {
  assert.match((await refusal('? [a]\n: b\n')).join(), /^1:3 This is not valid YAML: .*keys must be strings$/)
})

test('refuses tabs as indentation and says to use spaces', async () => {
  const problems = await problemsOf(() => parseYaml('a:\n\tb: 1\n', 'images.yml'))
  assert.match(placesOf(problems).join(), /^2:1 This is not valid YAML: Tabs/)
  assert.equal(problems[0]?.hint, 'Indent with spaces.')
})

test('reports malformed lines together, one problem a line', async () => {
  const problems = await refusal('a: b: c: d\nb: "\\q\\q"\nc: ]\n')
  assert.deepEqual(
    problems.map((problem) => problem.split(':')[0]),
    ['1', '2', '3'],
  )
})

test('refuses characters that the specification calls unprintable, and lone carriage returns', async () => {
  assert.deepEqual(await refusal('a: x\u0000'), ['1:5 The character U+0000 is not allowed here'])
  assert.deepEqual(await refusal('a: 1\nb: \u0002'), ['2:4 The character U+0002 is not allowed here'])
  assert.deepEqual(await refusal('a: \ud800'), ['1:4 The character U+D800 is not allowed here'])
  assert.deepEqual(await refusal('a: 1\rb: 2'), ['1:5 The character U+000D is not allowed here'])
})

test('refuses deep nesting in every style without reading on', async () => {
  const nested = [
    '['.repeat(YAML_LIMIT),
    '{a: '.repeat(100_000),
    '- '.repeat(YAML_LIMIT / 2),
    '? '.repeat(100_000),
    Array.from({ length: 500 }, (_, depth) => `${' '.repeat(depth)}a:\n`).join(''),
  ]
  for (const text of nested) {
    assert.match((await refusal(text)).join(), /^\d+:\d+ The file is nested too deeply$/)
  }
})

test('refuses a file of nothing but punctuation before its pieces fill the memory', async () => {
  assert.deepEqual(await refusal(`[${','.repeat(600_000)}`), ['1:500001 The file has too many elements'])
})

test('refuses 3 MiB before looking at it', async () => {
  const text = `a: ${'x'.repeat(3 * 1024 * 1024)}`
  assert.deepEqual(await refusal(text), ['undefined:undefined The file is larger than 2 MiB'])
})

test('counts the limit in bytes, not in characters', async () => {
  const text = `a: ${'é'.repeat(YAML_LIMIT / 2)}`
  assert.deepEqual(await refusal(text), ['undefined:undefined The file is larger than 2 MiB'])
})

test('never throws anything but a PromotionError, whatever the text', async (context) => {
  const random = randomFrom(context)
  const pieces = [
    ...'-?:,[]{}#&*!|>\'"%@` \n\t\r\\~<=',
    '---\n',
    '...\n',
    '\u0000',
    '\u001f',
    '\u0018',
    '\ufeff',
    '\ud800',
    '!!map',
    '\n  ',
    'é',
  ]
  const lock = buildLock([
    { image: `registry.example/app@sha256:${'a'.repeat(64)}`, annotations: { k: 'v' } },
  ])
  for (let round = 0; round < FUZZ_ROUNDS; round += 1) {
    let text = random.pick([lock, '', 'a: [b, {c: d}]\n'])
    for (let edit = random.below(30); edit >= 0; edit -= 1) {
      const place = random.below(text.length + 1)
      text = text.slice(0, place) + random.pick(pieces) + text.slice(place + random.below(3))
    }
    for (const { kind } of await problemsOf(() => parseYaml(text, 'images.yml'))) {
      assert.equal(kind, 'input', JSON.stringify(text))
    }
  }
})

test('writes a document with sorted keys and without aliases', () => {
  const shared = { z: '1', a: 'x' }
  assert.equal(
    formatYaml({ b: [shared, shared], a: 'text' }),
    '---\na: text\nb:\n- a: x\n  z: "1"\n- a: x\n  z: "1"\n',
  )
})

test('quotes texts that a reader of YAML 1.1 would take for something else', () => {
  for (const text of [
    'yes',
    'on',
    'No',
    'y',
    'null',
    '~',
    '1_000',
    '012',
    '12:30:45',
    '2001-12-14',
    '1.0',
    '0x1F',
    '',
  ]) {
    assert.match(formatYaml({ text }), /^---\ntext: ".*"\n$/)
  }
})

test('reads back every text exactly as it was written', (context) => {
  const random = randomFrom(context)
  const alphabets = ['ab \n\r\t:#-?*&!|>\'"%@`{}[],\\\u0000\u0085\u2028\ufeffé\u{1f600}', 'a \n\t']
  for (let round = 0; round < FUZZ_ROUNDS; round += 1) {
    const characters = random.pick(alphabets)
    const [key, value] = [
      random.text(1 + random.below(6), characters),
      random.text(random.below(99), characters),
    ]
    assert.deepEqual(plainYaml(parseYaml(formatYaml({ [key]: [value] }), 'f')), { [key]: [value] })
  }
})

test('escapes what may not stand in a document, in keys and in values', () => {
  const value = { 'k\u007f': ['a\u0080\u009f', '\ufffe\uffff', 'of\ntwo lines\u007f'] }
  const written = formatYaml(value)
  assert.equal(
    written,
    '---\n"k\\u007f":\n- "a\\u0080\\u009f"\n- "\\ufffe\\uffff"\n- "of\\ntwo lines\\u007f"\n',
  )
  assert.deepEqual(plainYaml(parseYaml(written, 'f')), value)
})

test('writes text of several lines as a block', () => {
  assert.equal(formatYaml({ k: '- a:\n    b\n- c\n' }), '---\nk: |\n  - a:\n      b\n  - c\n')
})
