import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatDockerConfig } from '../../src/cosign/docker-config.ts'
import { Secret } from '../../src/inputs/secret.ts'

const login = { username: 'robot', password: new Secret('geheim') }
const auth = Buffer.from('robot:geheim').toString('base64')

test('knows one registry by its host', () => {
  assert.deepEqual(JSON.parse(formatDockerConfig('localhost:5000', login)), {
    auths: { 'localhost:5000': { auth } },
  })
})

test('calls Docker Hub by the name it has in a docker config', () => {
  assert.deepEqual(JSON.parse(formatDockerConfig('index.docker.io', login)), {
    auths: { 'https://index.docker.io/v1/': { auth } },
  })
})
