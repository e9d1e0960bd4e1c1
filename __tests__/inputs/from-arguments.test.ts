import assert from 'node:assert/strict'
import { test } from 'node:test'
import { INPUTS } from '../../src/inputs/definitions.ts'
import { fromArguments } from '../../src/inputs/from-arguments.ts'

function raw(words: readonly string[], environment: Readonly<Record<string, string>> = {}) {
  return Object.fromEntries(fromArguments(words, environment).raw)
}

function refusal(...words: string[]): readonly string[] {
  const { problems } = fromArguments(words, {})
  for (const { kind } of problems) assert.equal(kind, 'input')
  return problems.map(({ message, hint }) => `${message}. ${hint}`)
}

test('takes the first word for the command', () => {
  assert.deepEqual(raw(['verify', '--lock', 'a.yml']), { command: 'verify', lock: 'a.yml' })
  assert.deepEqual(raw(['--lock', 'a.yml']), { lock: 'a.yml' })
  assert.deepEqual(raw([]), {})
})

test('gathers a list from repeated flags and from lines', () => {
  assert.deepEqual(raw(['plan', '--to', 'a\nb', '--to=c', '--tags', 'v1']), {
    command: 'plan',
    to: 'a\nb\nc',
    tags: 'v1',
  })
})

test('knows every input of the table as a flag, but for the command and the secrets', () => {
  const secrets = ['key-password', 'identity-token', 'registries']
  const names = INPUTS.map(({ name }) => name).filter((name) => name !== 'command' && !secrets.includes(name))
  const words = names.flatMap((name) => [`--${name}`, 'x'])
  assert.deepEqual(Object.keys(raw(words)), names)
})

test('returns the flags of the terminal apart', () => {
  const { raw: inputs, problems, ...flags } = fromArguments(['plan', '--json'], {})
  assert.deepEqual(flags, { json: true, help: false, version: false })
  assert.equal(inputs.size, 1)
  assert.deepEqual(problems, [])
  assert.equal(fromArguments(['--version'], {}).version, true)
  assert.equal(fromArguments(['-h'], {}).help, true)
})

test('helps whatever else is wrong', () => {
  assert.equal(fromArguments(['verify', '--nonsense', '--help'], {}).help, true)
})

test('refuses an unknown flag and names the nearest one', () => {
  assert.deepEqual(refusal('--public-keys', 'x', '--verfy=none', '--xyzzy', '-k'), [
    'There is no flag --public-keys. Did you mean --public-key?',
    'There is no flag --verfy. Did you mean --verify?',
    'There is no flag --xyzzy. See --help for all flags.',
    'There is no flag -k. Did you mean --key?',
  ])
})

test('never repeats what stands behind an unknown flag', () => {
  assert.doesNotMatch(refusal('--pasword', 'hunter2', '--key-passwords=hunter2').join(), /hunter2/)
})

test('refuses secrets as flags and says where to put them', () => {
  assert.deepEqual(refusal('--key-password', 'hunter2', '--registries=r.example bob hunter2'), [
    '--key-password is not taken as a flag: every program on this machine could read it. Set the environment variable SIGNED_PROMOTE_KEY_PASSWORD instead, or COSIGN_PASSWORD.',
    '--registries is not taken as a flag: every program on this machine could read it. Set the environment variable SIGNED_PROMOTE_REGISTRIES instead.',
  ])
})

test('reads secrets, and nothing else, from the environment', () => {
  const environment = {
    SIGNED_PROMOTE_KEY_PASSWORD: ' p ',
    SIGNED_PROMOTE_REGISTRIES: 'r.example bob x',
    SIGNED_PROMOTE_TO: 'r.example/prod',
    COSIGN_PASSWORD: 'theirs',
  }
  assert.deepEqual(raw([], environment), { 'key-password': ' p ', registries: 'r.example bob x' })
  assert.deepEqual(raw([], { SIGNED_PROMOTE_KEY_PASSWORD: '' }), {})
})

test('refuses a flag without a value, and takes a value that begins with a dash behind an equals sign', () => {
  const missing = (name: string) =>
    `--${name} needs a value. Write --${name} VALUE, or --${name}=VALUE if it begins with a dash.`
  assert.deepEqual(refusal('--to', '--tags', 'v1'), [missing('to')])
  assert.deepEqual(refusal('--report'), [missing('report')])
  for (const name of ['recursive', 'move'])
    assert.deepEqual(refusal(`--${name}`), [`--${name} needs a value. Write --${name} true.`])
  assert.deepEqual(raw(['--report=-x']), { report: '-x' })
})

test('refuses a value for a flag that takes none, and one value given twice', () => {
  assert.deepEqual(refusal('--json=yes', '--report', 'a', '--report', 'b'), [
    '--json takes no value. Write --json alone.',
    '--report is given twice. Give it once; it takes one value.',
  ])
})

test('refuses stray words and the command as a flag', () => {
  const hint =
    'The first word is the command (promote, plan, finish, sign, verify, check, repair, rollback); give all else by flags.'
  assert.deepEqual(refusal('promote', 'r.example/app'), [`"r.example/app" is out of place. ${hint}`])
  assert.deepEqual(refusal('promote', 'bob:hunter2@r.example/app'), [
    `"bob:***@r.example/app" is out of place. ${hint}`,
  ])
  assert.deepEqual(refusal('--json', 'plan'), [`"plan" is out of place. ${hint}`])
  assert.deepEqual(refusal('--command', 'plan'), [
    '--command is not a flag. Write the command as the first word: promote, plan, sign or verify.',
  ])
})
