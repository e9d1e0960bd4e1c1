import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { refuseFiles } from '../../src/sources/refuse-files.ts'
import { buildLock } from '../builders/build-lock.ts'
import { problemsOf } from '../builders/problems-of.ts'

test('tells paths of files from references, and says which input takes them', async (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'refuse-files-'))
  context.after(() => rmSync(folder, { recursive: true }))
  writeFileSync(join(folder, 'dev.lock.yml'), buildLock([]))
  writeFileSync(join(folder, 'values.yaml'), 'a: 1\n')
  writeFileSync(join(folder, 'nginx'), buildLock([]))
  const lines = ['nginx', './dev.lock.yml', 'values.yaml', 'acme/other.yml', 'r.example/app.yml:v1']
  const problems = await problemsOf(() => refuseFiles(lines, 'bundle', folder))
  assert.deepEqual(
    problems.map(({ message, hint, location }) => [message, hint, location?.file]),
    [
      [
        './dev.lock.yml is an ImagesLock, and `bundle` takes references of images',
        'Name it in `lock`.',
        './dev.lock.yml',
      ],
      [
        'values.yaml is a file, and `bundle` takes references of images',
        'Write host/path@sha256:… or host/path:tag.',
        'values.yaml',
      ],
    ],
  )
})
