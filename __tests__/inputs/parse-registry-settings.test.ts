import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inspect } from 'node:util'
import { InputReader } from '../../src/inputs/input-reader.ts'
import { parseRegistrySettings } from '../../src/inputs/parse-registry-settings.ts'
import type { RegistrySettings } from '../../src/inputs/settings.ts'
import { problemsOf } from '../builders/problems-of.ts'

function parse(registries: string, insecure = ''): RegistrySettings {
  const inputs = new InputReader(
    new Map([
      ['registries', registries],
      ['insecure-registries', insecure],
    ]),
  )
  const settings = parseRegistrySettings(inputs)
  inputs.throwIfAny()
  return settings
}

function entries(registries: string) {
  return parse(registries).credentials.map(({ prefix, username, password }) => [
    prefix,
    username,
    password.reveal(),
  ])
}

test('reads a host or a host and a path, a username and a password', () => {
  const lines =
    'r.example:5000 robot$x+y p@ss:w=rd\n\n  R.example/team/a   bob\tpass phrase  \r\nlocalhost me secret'
  assert.deepEqual(entries(lines), [
    ['r.example:5000', 'robot$x+y', 'p@ss:w=rd'],
    ['r.example/team/a', 'bob', 'pass phrase'],
    ['localhost', 'me', 'secret'],
  ])
})

test('knows Docker Hub by all its names', () => {
  assert.deepEqual(entries('docker.io a b\nregistry-1.docker.io/acme c d'), [
    ['index.docker.io', 'a', 'b'],
    ['index.docker.io/acme', 'c', 'd'],
  ])
})

test('hides passwords in every print', () => {
  const settings = parse('r.example bob hunter2')
  assert.doesNotMatch(inspect(settings, { depth: 9 }) + JSON.stringify(settings), /hunter2/)
})

test('names bad lines by their numbers and never quotes them', async () => {
  const lines = [
    'r.example onlyuser-hunter2',
    '',
    'hunter2 bob r.example',
    'r.example/Hunter2 bob hunter2',
    'r.example user:hunter2 hunter2',
    'r.example a hunter2',
    'R.EXAMPLE b hunter2',
    'https://r.example bob hunter2',
  ].join('\n')
  const problems = await problemsOf(() => parse(lines))
  assert.deepEqual(
    problems.map(({ message }) => message),
    [
      'Line 1 of `registries` does not hold a host, a username and a password',
      'Line 3 of `registries` does not begin with a registry host',
      'Line 4 of `registries` does not begin with a registry host',
      'Line 5 of `registries` does not hold a host, a username and a password',
      'Line 7 of `registries` is for the same place as line 6',
      'Line 8 of `registries` does not begin with a registry host',
    ],
  )
  assert.doesNotMatch(inspect(problems, { depth: 9 }), /hunter2/i)
  assert.match(problems[0]?.hint ?? '', /`registries`, in a terminal of SIGNED_PROMOTE_REGISTRIES/)
})

test('reads hosts for plain HTTP, each once, and refuses what is no host', async () => {
  assert.deepEqual(parse('', 'R.example:80\nr.example:80\n[::1]:5000').insecure, [
    'r.example:80',
    '[::1]:5000',
  ])
  const problems = await problemsOf(() => parse('', 'r.example/a\nplain\nhttp://r.example'))
  assert.deepEqual(
    problems.map(({ message }) => message),
    ['r.example/a', 'plain', 'http://r.example'].map(
      (line) => `"${line}" in \`insecure-registries\` is not a registry host`,
    ),
  )
})

test('shows no password of a host for plain HTTP that has one before it', async () => {
  const [problem] = await problemsOf(() => parse('', 'bob:hunter2@r.example'))
  assert.equal(problem?.message, '"bob:***@r.example" in `insecure-registries` is not a registry host')
})
