import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PolicyInWords } from '../../src/inputs/policy-in-words.ts'
import { howToVerify } from '../../src/report/how-to-verify.ts'
import { runResult } from '../builders/run-result.ts'

const target = runResult().images[0]?.targets[0]?.target

function commands(policy: PolicyInWords): readonly string[] {
  return howToVerify(runResult({ policy })).slice(3, -2)
}

test('a certificate is checked by its identity and issuer, and by what else was asked for', () => {
  const policy: PolicyInWords = {
    by: 'certificate',
    identity: { text: 'https://ci.example/release@main', kind: 'exact' },
    issuer: { text: 'https://ci.example', kind: 'exact' },
    workflow: { ref: 'refs/heads/main' },
    trustedRoot: 'trusted_root.json',
    transparency: 'rekor',
    timestamp: 'required',
    requireAnnotations: { stage: 'test' },
    requireAttestations: ['https://slsa.dev/verification_summary/v1'],
  }
  const who =
    '--certificate-identity https://ci.example/release@main --certificate-oidc-issuer https://ci.example ' +
    '--certificate-github-workflow-ref refs/heads/main --use-signed-timestamps --trusted-root trusted_root.json'
  assert.deepEqual(commands(policy), [
    `cosign verify ${who} -a stage=test ${target}`,
    `cosign verify-attestation --type https://slsa.dev/verification_summary/v1 ${who} ${target}`,
  ])
})

test('a layout is nothing that cosign could look into', () => {
  const [image] = runResult().images
  assert.ok(image)
  const targets = image.targets.map((one) => ({
    ...one,
    repository: 'oci-layout:release.tar/ghcr.io/acme/app',
  }))
  const policy = { by: 'key', key: 'cosign.pub', requireAnnotations: {} } as const
  assert.deepEqual(howToVerify(runResult({ policy, images: [{ ...image, targets }] })), [])
})

test('an expression has its anchors for cosign, which would look for it anywhere', () => {
  const match = { text: 'https://a|b', kind: 'expression' } as const
  const policy = { by: 'certificate', identity: match, issuer: match, requireAnnotations: {} } as const
  const [line = ''] = commands(policy)
  assert.ok(line.includes("--certificate-identity-regexp '^(?:https://a|b)$'"), line)
  assert.ok(line.includes("--certificate-oidc-issuer-regexp '^(?:https://a|b)$'"), line)
  assert.ok(line.includes('--insecure-ignore-tlog=true'))
})

test('roots that a TUF mirror hands out are fetched from it first', () => {
  const match = { text: 'a', kind: 'exact' } as const
  const tuf = { mirror: 'https://tuf.example', root: 'root.json' }
  const policy = { by: 'certificate', identity: match, issuer: match, tuf, requireAnnotations: {} } as const
  assert.equal(commands(policy)[0], 'cosign initialize --mirror https://tuf.example --root root.json')
})

test('what a policy file demands of a source is not told of a target', () => {
  const policy = { by: 'policy', file: 'policy.yml', requireAnnotations: {} } as const
  assert.deepEqual(howToVerify(runResult({ policy })), [])
})
