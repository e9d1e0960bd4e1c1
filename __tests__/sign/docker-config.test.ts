import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { Secret } from '../../src/inputs/secret.ts'
import { withDockerConfig } from '../../src/sign/docker-config.ts'

const login = { username: 'robot', password: new Secret('geheim') }
const auth = Buffer.from('robot:geheim').toString('base64')

test('gives a folder that nobody else can read, and removes it', async () => {
  let seen = ''
  await withDockerConfig('localhost:5000', login, async (folder) => {
    assert.ok(folder)
    seen = folder
    const file = join(folder, 'config.json')
    assert.equal((await stat(folder)).mode & 0o777, 0o700)
    assert.equal((await stat(file)).mode & 0o777, 0o600)
    assert.deepEqual(JSON.parse(await readFile(file, 'utf8')), { auths: { 'localhost:5000': { auth } } })
  })
  assert.ok(seen !== '' && !existsSync(seen))
})

test('removes the folder after a failure too', async () => {
  let seen = ''
  await assert.rejects(
    () =>
      withDockerConfig('localhost:5000', login, async (folder = '') => {
        seen = folder
        throw new Error('for the test')
      }),
    /for the test/,
  )
  assert.ok(seen !== '' && !existsSync(seen))
})

test('calls Docker Hub by the name it has in a docker config', async () => {
  await withDockerConfig('index.docker.io', login, async (folder = '') => {
    const text = await readFile(join(folder, 'config.json'), 'utf8')
    assert.deepEqual(Object.keys(JSON.parse(text).auths), ['https://index.docker.io/v1/'])
  })
})

test('makes nothing without a login', async () => {
  const seen: (string | undefined)[] = []
  await withDockerConfig('localhost:5000', undefined, async (folder) => {
    seen.push(folder)
  })
  assert.deepEqual(seen, [undefined])
})
