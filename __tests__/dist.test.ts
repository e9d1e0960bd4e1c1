import assert from 'node:assert/strict'
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { after, before, test } from 'node:test'
import { buildDistribution } from '../tools/build.ts'

const DIST = resolve(import.meta.dirname, '../dist')
let fresh: string

before(async () => {
  fresh = await mkdtemp(join(tmpdir(), 'signed-promote-dist-'))
  await buildDistribution(fresh)
})

after(() => rm(fresh, { recursive: true, force: true }))

test('dist holds exactly the files of a fresh build', async () => {
  assert.deepEqual((await readdir(DIST)).sort(), (await readdir(fresh)).sort())
})

for (const name of ['signed-promote.js', 'action.js', 'cli.js', 'licenses.txt']) {
  test(`dist/${name} is byte for byte what a fresh build makes`, async () => {
    const [committed, built] = await Promise.all([readFile(join(DIST, name)), readFile(join(fresh, name))])
    assert.ok(committed.equals(built), `dist/${name} is stale: run "npm run build" and commit the result`)
  })
}

test('the stubs are two lines that import the bundle and nothing else', async () => {
  for (const [name, run] of [
    ['action.js', 'runAction'],
    ['cli.js', 'runCli'],
  ] as const) {
    const text = await readFile(join(fresh, name), 'utf8')
    const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#!'))
    assert.deepEqual(lines, [`import { ${run} } from './signed-promote.js'`, `await ${run}()`], name)
  }
})

test('dist/cli.js can be run as a program', async () => {
  const { mode } = await stat(join(DIST, 'cli.js'))
  assert.equal(mode & 0o111, 0o111)
})

test('the licences name every production dependency with its version and text', async () => {
  const licences = await readFile(join(fresh, 'licenses.txt'), 'utf8')
  const manifest: unknown = JSON.parse(await readFile(resolve(DIST, '../package.json'), 'utf8'))
  assert.ok(typeof manifest === 'object' && manifest !== null && 'dependencies' in manifest)
  for (const [name, version] of Object.entries(manifest.dependencies ?? {})) {
    assert.ok(licences.includes(`- ${name}@${version}\n`), `${name}@${version} is missing`)
  }
  assert.match(licences, /Apache License/)
  assert.match(licences, /Permission is hereby granted, free of charge/)
})

test('the bundle contains no path of the machine that built it', async () => {
  const bundle = await readFile(join(fresh, 'signed-promote.js'), 'utf8')
  assert.ok(!bundle.includes(resolve(DIST, '..')))
  assert.doesNotMatch(bundle, /__commonJS\(\{"\.\.\//)
})
