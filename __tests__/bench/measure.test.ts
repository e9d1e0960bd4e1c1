import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { type Command, measure } from '../../bench/measure.ts'
import { manyTimes } from '../../bench/tools/tool.ts'

const MIB = 1024 * 1024
/** Burns CPU time until it has had 0.2 s of it, with 64 MiB in hand. */
const BURN = `const bytes = Buffer.alloc(${64 * MIB}, 1); while (process.cpuUsage().user < 200_000) bytes[0]++`

let folder = ''

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'signed-promote-measure-'))
})
after(() => rm(folder, { recursive: true }))

function node(script: string): Command {
  return { file: process.execPath, args: ['-e', script] }
}

test('knows the CPU time and the memory of a program', async () => {
  const { cpu, wall, memory, exitCode } = await measure(node(BURN), folder)
  assert.equal(exitCode, 0)
  assert.ok(cpu >= 0.19, `CPU ${cpu}`)
  assert.ok(wall >= 0.19, `wall ${wall}`)
  assert.ok(memory >= 64 * MIB, `${memory} bytes`)
})

test('knows those of the programs that a program starts', async () => {
  const { cpu, memory, exitCode } = await measure(
    manyTimes([process.execPath, '-e', BURN], 2, [['1'], ['2']]),
    folder,
  )
  assert.equal(exitCode, 0)
  assert.ok(cpu >= 0.38, `CPU ${cpu}`)
  assert.ok(memory >= 64 * MIB, `${memory} bytes`)
})

test('keeps what a failed program said', async () => {
  const { exitCode, output } = await measure(node('console.error("no such image"); process.exit(3)'), folder)
  assert.equal(exitCode, 3)
  assert.match(output, /no such image/)
})

test('gives a program its lines, and an environment without anything private', async () => {
  const script = 'console.log(Object.keys(process.env).sort().join()); process.stdin.pipe(process.stdout)'
  const { output } = await measure({ ...node(script), input: 'a line\n', env: { EXTRA: '1' } }, folder)
  assert.equal(output, 'DOCKER_CONFIG,EXTRA,HOME,PATH\na line\n')
})
