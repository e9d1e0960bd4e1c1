import assert from 'node:assert/strict'
import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { PromotionError } from '../../src/errors.ts'
import { parsePolicy } from '../../src/policy/parse-policy.ts'
import type { VerificationPolicy } from '../../src/policy/policy.ts'
import { problemsOf } from './problems-of.ts'

/** The beginning of a policy file with the signers `release`, a key, and `ci`, a certificate; it ends with line 6. */
export const TWO_SIGNERS = `version: 1
signers:
  release: { public-key: release.pub }
  ci:
    certificate-identity: https://github.com/acme/app/.github/workflows/release.yml@refs/heads/main
    certificate-oidc-issuer: https://token.actions.githubusercontent.com
`

const keys = new Map<string, KeyObject>()

/** A public key for each place, the same for the same place; places that begin with "missing" hold none. */
export async function keyAt(place: string): Promise<KeyObject> {
  if (place.startsWith('missing')) {
    throw new PromotionError('input', `The key ${place} cannot be read`, { hint: 'Check the path.' })
  }
  const known = keys.get(place)
  if (known !== undefined) return known
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  keys.set(place, publicKey)
  return publicKey
}

/** Reads the text of a policy file, `policy.yml`, with the keys of `keyAt`. */
export function readPolicyText(text: string): Promise<VerificationPolicy> {
  return parsePolicy(text, 'policy.yml', keyAt)
}

/** Every problem of the text with its line; each one has a hint. */
export async function policyProblems(text: string): Promise<readonly string[]> {
  const problems = await problemsOf(() => readPolicyText(text))
  return problems.map(({ kind, hint, location, message }) => {
    assert.equal(kind, 'input')
    assert.match(hint ?? '', /[.)]$/)
    assert.equal(location?.file, 'policy.yml')
    return `${location.line}: ${message}`
  })
}
