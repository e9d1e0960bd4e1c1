import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EXIT_CODES } from '../../src/errors.ts'
import { COMMANDS, INPUTS } from '../../src/inputs/definitions.ts'
import { helpText } from '../../src/inputs/help-text.ts'

const WIDTH = 80

test('tells of every command, input and flag', () => {
  const words = helpText().split(/\s+/).join(' ')
  for (const [name, meaning] of Object.entries(COMMANDS))
    assert.ok(words.includes(` ${name} ${meaning}`), name)
  for (const { name, meaning, default: usual } of INPUTS) {
    if (name === 'command') continue
    assert.ok(words.includes(meaning.replaceAll('`', '')), name)
    if (usual !== '') assert.ok(words.includes(` Default: ${usual}.`), name)
  }
  for (const flag of ['--json', '--help, -h', '--version', '--existing-tags'])
    assert.ok(words.includes(` ${flag} `), flag)
})

test('has a line for each exit code, with its meaning, in their order', () => {
  const [, table = ''] = helpText().split('\nExit codes:\n')
  const lines = table.trimEnd().split('\n')
  const codes = lines.map((line) => Number(/^ {2}(\d+) +[A-Z].*\.$/.exec(line)?.[1]))
  assert.deepEqual(
    codes,
    [0, 2, ...Object.values(EXIT_CODES)].sort((one, other) => one - other),
  )
  assert.equal(lines[EXIT_CODES.verification], '  5    An image does not satisfy the policy.')
  assert.equal(new Set(lines.map((line) => line.slice(7))).size, lines.length)
})

test('names secrets by their variables and not as flags', () => {
  const text = helpText()
  assert.match(text, /\$SIGNED_PROMOTE_KEY_PASSWORD\n/)
  assert.match(text, /\$SIGNED_PROMOTE_REGISTRIES\n/)
  assert.doesNotMatch(text, /--key-password|--registries|--command/)
})

test('fits a terminal of 80 columns, without blanks at line ends', () => {
  for (const line of helpText().split('\n')) {
    assert.ok(line.length <= WIDTH, line)
    assert.equal(line, line.trimEnd())
  }
})
