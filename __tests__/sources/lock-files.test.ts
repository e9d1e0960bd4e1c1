import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import {
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { type TestContext, test } from 'node:test'
import type { PromotionError } from '../../src/errors.ts'
import { readLockFiles } from '../../src/sources/lock-files.ts'
import { SourceProblems } from '../../src/yaml/source-problems.ts'
import { problemsOf } from '../builders/problems-of.ts'

const TWO_MIB = 2 * 1024 * 1024

interface Folder {
  readonly path: string
  write(file: string, text: string | Uint8Array): string
  /** The names and texts of what is read. */
  read(...patterns: string[]): Promise<Readonly<Record<string, string>>>
  problems(...patterns: string[]): Promise<readonly PromotionError[]>
}

function temporaryFolder(context: TestContext): Folder {
  const path = realpathSync(mkdtempSync(join(tmpdir(), 'lock-files-')))
  context.after(() => rmSync(path, { recursive: true }))
  const run = async (patterns: readonly string[]) => {
    const problems = new SourceProblems()
    const files = await readLockFiles(patterns, path, problems)
    problems.throwIfAny()
    return Object.fromEntries(files.map(({ file, text }) => [file, text]))
  }
  return {
    path,
    write: (file, text) => {
      mkdirSync(dirname(join(path, file)), { recursive: true })
      writeFileSync(join(path, file), text)
      return join(path, file)
    },
    read: (...patterns) => run(patterns),
    problems: (...patterns) => problemsOf(() => run(patterns)),
  }
}

async function onlyMessage(folder: Folder, ...patterns: string[]): Promise<string> {
  const problems = await folder.problems(...patterns)
  assert.equal(problems.length, 1)
  assert.equal(problems[0]?.kind, 'input')
  assert.ok(problems[0].hint)
  return `${problems[0].location?.file}: ${problems[0].message}`
}

test('reads paths, relative and absolute, under the names they were given', async (context) => {
  const folder = temporaryFolder(context)
  const absolute = folder.write('b/lock.yml', 'two')
  folder.write('a.yml', 'one')
  assert.deepEqual(Object.entries(await folder.read(absolute, './a.yml')), [
    [absolute, 'two'],
    ['./a.yml', 'one'],
  ])
})

test('expands patterns to sorted files, and leaves directories out', async (context) => {
  const folder = temporaryFolder(context)
  for (const file of ['z.yml', 'a.yml', 'deep/er/m.yml', 'deep/x.txt']) folder.write(file, file)
  mkdirSync(join(folder.path, 'folder.yml'))
  assert.deepEqual(Object.keys(await folder.read('**/*.yml')), ['a.yml', 'deep/er/m.yml', 'z.yml'])
  assert.deepEqual(Object.keys(await folder.read(join(folder.path, '*.yml'))), [
    join(folder.path, 'a.yml'),
    join(folder.path, 'z.yml'),
  ])
})

test('tells where a file really lies', async (context) => {
  const folder = temporaryFolder(context)
  folder.write('real/a.yml', 'one')
  symlinkSync('real/a.yml', join(folder.path, 'link.yml'))
  const problems = new SourceProblems()
  const [found] = await readLockFiles(['link.yml'], folder.path, problems)
  assert.deepEqual(found, { file: 'link.yml', path: join(folder.path, 'real/a.yml'), text: 'one' })
})

test('reads a file once that several patterns find', async (context) => {
  const folder = temporaryFolder(context)
  folder.write('a.yml', 'one')
  assert.deepEqual(await folder.read('a.yml', '*.yml', './a.yml'), { 'a.yml': 'one' })
})

test('takes a file that looks like a pattern at its word', async (context) => {
  const folder = temporaryFolder(context)
  folder.write('[a].yml', 'brackets')
  folder.write('a.yml', 'plain')
  assert.deepEqual(await folder.read('[a].yml'), { '[a].yml': 'brackets' })
})

test('refuses a pattern that matches nothing and a path that does not exist, together', async (context) => {
  const folder = temporaryFolder(context)
  const problems = await folder.problems('*.yml', 'missing.yml')
  assert.deepEqual(
    problems.map(({ location, message }) => [location?.file, message]),
    [
      [undefined, `No file matches "*.yml" in ${folder.path}`],
      ['missing.yml', 'The file does not exist'],
    ],
  )
})

test('refuses a directory, a FIFO and a device', { timeout: 10_000 }, async (context) => {
  const folder = temporaryFolder(context)
  mkdirSync(join(folder.path, 'directory'))
  execFileSync('mkfifo', [join(folder.path, 'fifo.yml')])
  assert.equal(await onlyMessage(folder, 'directory'), 'directory: The file is not a regular file')
  assert.equal(await onlyMessage(folder, 'fifo.yml'), 'fifo.yml: The file is not a regular file')
  assert.equal(await onlyMessage(folder, '*.yml'), 'fifo.yml: The file is not a regular file')
  assert.equal(await onlyMessage(folder, '/dev/zero'), '/dev/zero: The file is not a regular file')
})

test('follows a symbolic link inside the working directory only', async (context) => {
  const [folder, outside] = [temporaryFolder(context), temporaryFolder(context)]
  folder.write('real/a.yml', 'inside')
  const secret = outside.write('secret.yml', 'outside')
  symlinkSync('real/a.yml', join(folder.path, 'link.yml'))
  symlinkSync(secret, join(folder.path, 'escape.yml'))
  symlinkSync(outside.path, join(folder.path, 'tunnel'))
  assert.deepEqual(await folder.read('link.yml'), { 'link.yml': 'inside' })
  const message = (file: string) =>
    `${file}: The file is a symbolic link that leads out of the working directory`
  assert.equal(await onlyMessage(folder, 'escape.yml'), message('escape.yml'))
  assert.equal(await onlyMessage(folder, 'tunnel/secret.yml'), message('tunnel/secret.yml'))
  assert.equal(await onlyMessage(folder, 'e*.yml'), message('escape.yml'))
})

test('reads a file outside the working directory that is named outright, but no link there', async (context) => {
  const [folder, outside] = [temporaryFolder(context), temporaryFolder(context)]
  const file = outside.write('lock.yml', 'outside')
  symlinkSync(file, join(outside.path, 'link.yml'))
  assert.deepEqual(await folder.read(file), { [file]: 'outside' })
  assert.match(
    await onlyMessage(folder, join(outside.path, 'link.yml')),
    /leads out of the working directory$/,
  )
})

test('says which link leads nowhere', async (context) => {
  const folder = temporaryFolder(context)
  symlinkSync('nowhere', join(folder.path, 'link.yml'))
  assert.equal(await onlyMessage(folder, 'link.yml'), 'link.yml: The file does not exist')
})

test('reads 2 MiB and refuses a byte more, and a gigabyte', async (context) => {
  const folder = temporaryFolder(context)
  folder.write('most.yml', Buffer.alloc(TWO_MIB, 'x'))
  folder.write('more.yml', Buffer.alloc(TWO_MIB + 1, 'x'))
  truncateSync(folder.write('huge.yml', ''), 1024 ** 3)
  assert.equal((await folder.read('most.yml'))['most.yml']?.length, TWO_MIB)
  assert.equal(await onlyMessage(folder, 'more.yml'), 'more.yml: The file is larger than 2 MiB')
  assert.equal(await onlyMessage(folder, 'huge.yml'), 'huge.yml: The file is larger than 2 MiB')
})

test('refuses what is not UTF-8', async (context) => {
  const folder = temporaryFolder(context)
  folder.write('latin.yml', Buffer.from([0x61, 0xe9, 0x0a]))
  assert.equal(await onlyMessage(folder, 'latin.yml'), 'latin.yml: The file is not UTF-8 text')
})

test('passes on why the system could not read a path', async (context) => {
  const folder = temporaryFolder(context)
  folder.write('a.yml', '')
  assert.equal(
    await onlyMessage(folder, 'a.yml/b'),
    'a.yml/b: The file cannot be read: ENOTDIR: not a directory',
  )
})
