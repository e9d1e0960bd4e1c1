import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EXIT_CODES } from '../../src/errors.ts'
import { COMMANDS, INPUTS } from '../../src/inputs/definitions.ts'
import { helpText } from '../../src/inputs/help-text.ts'

const WIDTH = 80

test('tells of every command, input, flag and exit code', () => {
  const words = helpText().split(/\s+/).join(' ')
  for (const [name, meaning] of Object.entries(COMMANDS))
    assert.ok(words.includes(` ${name} ${meaning}`), name)
  for (const { name, meaning, default: usual } of INPUTS) {
    if (name === 'command') continue
    assert.ok(words.includes(meaning.replaceAll('`', '')), name)
    if (usual !== '') assert.ok(words.includes(` Default: ${usual}.`), name)
  }
  for (const [kind, code] of Object.entries(EXIT_CODES)) assert.ok(words.includes(`${code} ${kind}`), kind)
  for (const flag of ['--json', '--help, -h', '--version', '--existing-tags'])
    assert.ok(words.includes(` ${flag} `), flag)
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
