import assert from 'node:assert/strict'
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, relative, resolve } from 'node:path'
import { after, before, test } from 'node:test'
import { buildDistribution } from '../tools/build.ts'

const DIST = resolve(import.meta.dirname, '../dist')
let fresh: string

before(async () => {
  fresh = await mkdtemp(join(tmpdir(), 'signed-promote-dist-'))
  await buildDistribution(fresh)
})

after(() => rm(fresh, { recursive: true, force: true }))

test('dist is byte for byte what a fresh build makes', async () => {
  const names = await filesOf(fresh)
  assert.deepEqual(await filesOf(DIST), names)
  for (const name of names) {
    const [committed, built] = await Promise.all([readFile(join(DIST, name)), readFile(join(fresh, name))])
    assert.ok(committed.equals(built), `dist/${name} is stale: run "npm run build" and commit the result`)
  }
})

test('what few runs need is not loaded with the rest', async () => {
  const bundle = await readWithImports('signed-promote.js')
  for (const [part, found] of [
    ['the caches of undici', 'CacheStorage'],
    ['the toolkit of the runner', '@actions/http-client'],
    ['the formats of Sigstore', 'PKIX_RSA_PKCS1V15_2048_SHA256'],
    ['TUF', 'tuf:fetch'],
  ] as const) {
    assert.ok(!bundle.includes(found), `the bundle contains ${part}`)
  }
})

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

test('no file contains a path of the machine that built it', async () => {
  for (const name of await filesOf(fresh)) {
    const text = await readFile(join(fresh, name), 'utf8')
    assert.ok(!text.includes(resolve(DIST, '..')), name)
    assert.doesNotMatch(text, /__commonJS\(\{"\.\.\//, name)
  }
})

/** A file with all that is loaded together with it. */
async function readWithImports(name: string, seen = new Set<string>()): Promise<string> {
  seen.add(name)
  const text = await readFile(join(fresh, name), 'utf8')
  const imports = [...text.matchAll(/(?:from|import)\s*"(\.{1,2}\/[^"]+)"/g)].map(([, path = '']) =>
    join(dirname(name), path),
  )
  const others: string[] = []
  for (const path of imports) if (!seen.has(path)) others.push(await readWithImports(path, seen))
  return [text, ...others].join('\n')
}

/** The paths of all files below a folder, sorted. */
async function filesOf(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .sort()
}
