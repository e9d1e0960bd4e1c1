import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { type TestContext, test } from 'node:test'
import type { VerificationPolicy } from '../../src/policy/policy.ts'
import { readPolicyFile } from '../../src/policy/read-policy-file.ts'
import { keyAt } from '../builders/policy-text.ts'
import { problemsOf } from '../builders/problems-of.ts'

const ONE_KEY =
  'version: 1\nsigners:\n  one: { public-key: one.pub }\nrules: [{ repository: "**", signed-by: one }]\n'
const NOBODY = 'version: 1\nrules: [{ repository: "**", signed-by: nobody }]\n'

interface Folder {
  readonly path: string
  write(file: string, text: string | Uint8Array): void
  read(file: string): Promise<VerificationPolicy>
  problems(file: string): Promise<readonly string[]>
  /** What keys were asked for, each as its place and the folder that a path starts at. */
  readonly asked: readonly (readonly [string, string])[]
}

function temporaryFolder(context: TestContext): Folder {
  const path = realpathSync(mkdtempSync(join(tmpdir(), 'policy-')))
  context.after(() => rmSync(path, { recursive: true }))
  const asked: (readonly [string, string])[] = []
  const read = (file: string) =>
    readPolicyFile(file, {
      workingDirectory: path,
      loadKey: (place, directory) => {
        asked.push([place, directory])
        return keyAt(place)
      },
    })
  return {
    path,
    write: (file, text) => {
      mkdirSync(dirname(join(path, file)), { recursive: true })
      writeFileSync(join(path, file), text)
    },
    read,
    problems: async (file) =>
      (await problemsOf(() => read(file))).map(({ message, location }) => `${location?.file}: ${message}`),
    asked,
  }
}

test('reads a file in the working directory, and asks for its keys where it lies', async (context) => {
  const folder = temporaryFolder(context)
  folder.write('policies/prod.yml', ONE_KEY)
  const { file, rules } = await folder.read('policies/prod.yml')
  assert.equal(file, 'policies/prod.yml')
  assert.equal(rules.length, 1)
  await folder.read(join(folder.path, 'policies/prod.yml'))
  assert.deepEqual(folder.asked, [
    ['one.pub', 'policies'],
    ['one.pub', join(folder.path, 'policies')],
  ])
})

test('says which file is not there, cannot be read or is no policy', async (context) => {
  const folder = temporaryFolder(context)
  folder.write('bytes.yml', new Uint8Array([0x61, 0xff]))
  folder.write('large.yml', ' '.repeat(2 * 1024 * 1024 + 1))
  folder.write('missing-key.yml', ONE_KEY.replace('one.pub', 'missing.pub'))
  assert.deepEqual(await folder.problems('none.yml'), ['none.yml: The file does not exist'])
  assert.deepEqual(await folder.problems('.'), ['.: The file is not a regular file'])
  assert.deepEqual(await folder.problems('bytes.yml'), ['bytes.yml: The file is not UTF-8 text'])
  assert.deepEqual(await folder.problems('large.yml'), ['large.yml: The file is larger than 2 MiB'])
  assert.deepEqual(await folder.problems('missing-key.yml'), [
    'missing-key.yml: The key missing.pub cannot be read',
  ])
})

test('follows no link that leads out of the working directory', async (context) => {
  const folder = temporaryFolder(context)
  const elsewhere = temporaryFolder(context)
  elsewhere.write('policy.yml', NOBODY)
  folder.write('real.yml', NOBODY)
  symlinkSync(join(elsewhere.path, 'policy.yml'), join(folder.path, 'out.yml'))
  symlinkSync('real.yml', join(folder.path, 'in.yml'))
  assert.equal((await folder.read('in.yml')).rules.length, 1)
  assert.equal((await folder.read(join(elsewhere.path, 'policy.yml'))).rules.length, 1)
  assert.deepEqual(await folder.problems('out.yml'), [
    'out.yml: The file is a symbolic link that leads out of the working directory',
  ])
})
