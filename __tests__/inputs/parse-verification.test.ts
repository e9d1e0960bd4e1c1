import assert from 'node:assert/strict'
import { test } from 'node:test'
import { InputReader } from '../../src/inputs/input-reader.ts'
import { parseVerification } from '../../src/inputs/parse-verification.ts'
import type { Command, VerificationSettings } from '../../src/inputs/settings.ts'
import { problemsOf } from '../builders/problems-of.ts'

type Values = Readonly<Record<string, string>>

interface Situation {
  readonly command?: Command
  readonly isSigning?: boolean
}

function parse(
  inputs: Values,
  { command = 'promote', isSigning = false }: Situation = {},
): VerificationSettings {
  const reader = new InputReader(new Map(Object.entries(inputs)))
  const verification = parseVerification(reader, command, isSigning, {})
  reader.throwIfAny()
  return verification
}

async function refusal(inputs: Values, situation?: Situation): Promise<readonly string[]> {
  const problems = await problemsOf(() => parse(inputs, situation))
  return problems.map(({ message, hint }) => `${message}. ${hint}`)
}

test('requires signatures by the public key, with its annotations', () => {
  const expected = { by: 'key', publicKey: { path: 'cosign.pub' }, requireAnnotations: { env: 'prod' } }
  const inputs = { 'public-key': 'cosign.pub', 'require-annotations': 'env=prod' }
  assert.deepEqual(parse(inputs), expected)
  assert.deepEqual(parse(inputs, { isSigning: true }), expected)
})

test('takes the run’s own signer for the policy when nothing else is said', () => {
  assert.deepEqual(parse({ 'require-annotations': 'a=b' }, { isSigning: true }), {
    by: 'signer',
    requireAnnotations: { a: 'b' },
  })
  assert.deepEqual(parse({}, { command: 'sign', isSigning: true }), { by: 'signer', requireAnnotations: {} })
})

test('verifies nothing only when that is said', async () => {
  assert.deepEqual(parse({ verify: 'none' }), { by: 'nobody' })
  assert.deepEqual(parse({ verify: 'none' }, { isSigning: true }), { by: 'nobody' })
  assert.deepEqual(await refusal({}), [
    'Nothing says who must have signed the images. Set `public-key` to the key that must have signed them, or set `verify` to "none" to promote them unchecked.',
  ])
})

test('refuses a policy beside verify "none"', async () => {
  assert.deepEqual(
    await refusal({ verify: 'none', 'public-key': 'cosign.pub', 'require-annotations': 'a=b' }),
    [
      '`public-key` is given, but `verify` is "none". Set `verify` to "required", or leave `public-key` out.',
      '`require-annotations` is given, but `verify` is "none". Set `verify` to "required", or leave `require-annotations` out.',
    ],
  )
})

test('refuses the command verify with nothing to check', async () => {
  assert.deepEqual(await refusal({ verify: 'none' }, { command: 'verify' }), [
    'The command verify has nothing to check when `verify` is "none". Leave `verify` out.',
  ])
  assert.deepEqual(await refusal({}, { command: 'verify' }), [
    'Nothing says who must have signed the images. Set `public-key` to the key that must have signed them.',
  ])
})

test('reports a bad key and a bad annotation together', async () => {
  const problems = await refusal({ 'public-key': 'awskms://x', 'require-annotations': '=b' })
  assert.equal(problems.length, 2)
})
