import assert from 'node:assert/strict'
import { resolve } from 'node:path'
import { test } from 'node:test'
import { InputReader } from '../../src/inputs/input-reader.ts'
import { parseOutputPaths } from '../../src/inputs/parse-output-paths.ts'
import { problemsOf } from '../builders/problems-of.ts'

type Inputs = Readonly<Record<string, string>>

function parse(inputs: Inputs, targets = 1) {
  const reader = new InputReader(new Map(Object.entries(inputs)))
  const paths = parseOutputPaths(reader, 'promote', targets)
  reader.throwIfAny()
  return paths
}

async function refusal(inputs: Inputs, targets?: number): Promise<readonly string[]> {
  const problems = await problemsOf(() => parse(inputs, targets))
  return problems.map(({ message }) => message)
}

test('takes paths as they are written, and none for nothing given', () => {
  const paths = { 'lock-output': './out.yml', report: '/tmp/report.json' }
  assert.deepEqual(parse(paths), { lockOutput: './out.yml', report: '/tmp/report.json', undo: undefined })
  assert.deepEqual(parse({}, 0), { lockOutput: undefined, report: undefined, undo: undefined })
})

test('needs {target} in lock-output when there are several targets', async () => {
  assert.deepEqual(await refusal({ 'lock-output': 'out.yml' }, 2), [
    '`lock-output` is one path, "out.yml", for 2 targets',
  ])
  assert.equal(parse({ 'lock-output': 'out-{target}.yml' }, 2).lockOutput, 'out-{target}.yml')
  assert.equal(parse({ 'lock-output': 'out.yml' }).lockOutput, 'out.yml')
})

test('refuses one file for a lock and the report, in whatever spelling', async () => {
  const same = (path: string) => [`\`lock-output\` and \`report\` are the same file, "${path}"`]
  assert.deepEqual(await refusal({ 'lock-output': 'out', report: './x/../out' }), same('./x/../out'))
  assert.deepEqual(await refusal({ 'lock-output': 'out-{target}', report: 'out-2' }, 2), same('out-2'))
})

test('refuses to write over a lock that it reads, in whatever spelling', async () => {
  const overwrites = (name: string, path: string) =>
    `\`${name}\` is "${path}", which \`lock\` names: the run would overwrite what it reads`
  const lock = 'a.yml\nlocks/*.yml\nlocks/2.yml'
  assert.deepEqual(await refusal({ lock, 'lock-output': './a.yml' }), [overwrites('lock-output', './a.yml')])
  assert.deepEqual(await refusal({ lock, 'lock-output': 'locks/{target}.yml' }, 3), [
    overwrites('lock-output', 'locks/2.yml'),
  ])
  assert.deepEqual(await refusal({ lock, report: resolve('a.yml') }), [
    overwrites('report', resolve('a.yml')),
  ])
  assert.equal(parse({ lock, 'lock-output': 'b/a.yml' }).lockOutput, 'b/a.yml')
})
