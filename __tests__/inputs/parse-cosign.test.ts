import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseSettings } from '../../src/inputs/parse-settings.ts'
import type { CosignSettings } from '../../src/inputs/settings.ts'
import { problemsOf } from '../builders/problems-of.ts'

type Values = Readonly<Record<string, string>>

const CHECKSUM = 'AB'.repeat(32)
const BY_COSIGN: Values = { 'public-key': 'cosign.pub', verifier: 'cosign' }
const NATIVE: Values = { 'public-key': 'cosign.pub' }

function parse(...inputs: readonly Values[]): CosignSettings {
  const all = Object.assign({ images: 'r.example/app:v1', to: 'r.example/prod' }, ...inputs) as Values
  return parseSettings(new Map(Object.entries(all)), {}).cosign
}

async function refusal(...inputs: readonly Values[]): Promise<readonly string[]> {
  const problems = await problemsOf(() => parse(...inputs))
  return problems.map(({ message, hint }) => `${message}. ${hint}`)
}

test('is the one that is found, when nothing is said', () => {
  assert.deepEqual(parse(BY_COSIGN), { path: undefined, release: undefined, mirror: undefined })
})

test('is the one in a place', () => {
  assert.equal(parse(BY_COSIGN, { 'cosign-path': '/opt/cosign' }).path, '/opt/cosign')
})

test('is of a version with its checksum, in whatever spelling, from a mirror', () => {
  for (const version of ['3.1.4', 'v3.1.4']) {
    const inputs = {
      'cosign-version': version,
      'cosign-checksum': CHECKSUM,
      'cosign-mirror': 'https://m.example/c',
    }
    assert.deepEqual(parse(BY_COSIGN, inputs), {
      path: undefined,
      release: { version: '3.1.4', checksum: CHECKSUM.toLowerCase() },
      mirror: 'https://m.example/c',
    })
  }
})

test('needs a version and its checksum together', async () => {
  assert.deepEqual(await refusal(BY_COSIGN, { 'cosign-version': '3.1.4' }), [
    '`cosign-version` is given without `cosign-checksum`. Set `cosign-checksum` to the SHA-256 of its binary for this platform.',
  ])
  assert.deepEqual(await refusal(BY_COSIGN, { 'cosign-checksum': CHECKSUM }), [
    '`cosign-checksum` is given without `cosign-version`. Set `cosign-version` to the version that it belongs to.',
  ])
})

test('refuses what is no version and no checksum', async () => {
  for (const version of ['3', 'latest', '3.1', '3.1.3/../x', 'v3.1.3 ;', '../3.1.3']) {
    assert.deepEqual(await refusal(BY_COSIGN, { 'cosign-version': version, 'cosign-checksum': CHECKSUM }), [
      `\`cosign-version\` cannot be "${version}". Write a version such as 3.1.3.`,
    ])
  }
  for (const checksum of ['ab', `${CHECKSUM}a`, `sha256:${CHECKSUM}`, 'g'.repeat(64)]) {
    assert.deepEqual(await refusal(BY_COSIGN, { 'cosign-version': '3.1.4', 'cosign-checksum': checksum }), [
      '`cosign-checksum` is not a SHA-256. Write 64 hexadecimal digits.',
    ])
  }
})

test('is not said twice', async () => {
  const inputs = { 'cosign-path': '/opt/cosign', 'cosign-mirror': 'https://m.example' }
  assert.deepEqual(await refusal(BY_COSIGN, inputs), [
    '`cosign-mirror` is given, but `cosign-path` says which cosign to run. Leave `cosign-path` out, or leave `cosign-mirror` out.',
  ])
})

for (const inputs of [
  { sign: 'key', key: 'cosign.key', signer: 'cosign' },
  { 'public-key': 'awskms:///alias/x' },
  { policy: 'policy.yml' },
  BY_COSIGN,
]) {
  test(`may be needed with ${Object.entries(inputs).join(' ')}`, () => {
    assert.equal(parse(inputs, { 'cosign-path': '/opt/cosign' }).path, '/opt/cosign')
  })
}

for (const inputs of [NATIVE, { verify: 'none' }, { sign: 'key', key: 'cosign.key' }]) {
  test(`is not needed with ${Object.entries(inputs).join(' ')}`, async () => {
    assert.deepEqual(await refusal(inputs, { 'cosign-path': '/opt/cosign' }), [
      '`cosign-path` is given, but nothing here runs cosign. Set `signer` or `verifier` to "cosign", or leave `cosign-path` out.',
    ])
  })
}
